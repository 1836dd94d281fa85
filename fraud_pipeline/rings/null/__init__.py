"""The null model: null samples, segments, p-values after the search, alpha spending over runs."""
