"""``python -m fraud_pipeline`` is ``fraud-pipeline``."""

from fraud_pipeline.cli.app import main

if __name__ == "__main__":
    main()
