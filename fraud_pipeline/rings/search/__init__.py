"""Candidates: seeds, local search, expansion, pruning, splitting, and the executor that runs them."""
