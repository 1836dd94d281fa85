"""``python -m fraud_pipeline.settings`` prints the reference page of the settings."""

import sys

from fraud_pipeline.settings.reference import page

sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
sys.stdout.write(page())
