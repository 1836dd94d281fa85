"""Prefect only: thin wrappers that give the steps a schedule, retries and a UI."""
