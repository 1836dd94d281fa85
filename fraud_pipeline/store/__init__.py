"""The only folder that opens files: sources, packs, models, runs, exports."""
