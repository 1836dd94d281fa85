"""Groups of commands that are more than one line each; the door is ``fraud_pipeline.cli``."""
