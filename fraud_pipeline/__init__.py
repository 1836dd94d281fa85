"""Fraud and anomaly detection for innovation-voucher redemption claims.

Start reading at :mod:`fraud_pipeline.pipeline`.
"""

import os

__version__ = "0.2.0"

# Must stand before the first import of an OpenMP library: on a busy two-core machine
# spinning threads made the same LightGBM fit forty times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
