"""Fraud and anomaly detection for innovation-voucher redemption claims.

Start reading at :mod:`fraud_pipeline.pipeline`.
"""

__version__ = "0.1.0"
