"""Commands that stand in files of their own; each registers itself with the command line."""
