"""Storage: the database of decisions with its log, and the read-only index of a published run."""
