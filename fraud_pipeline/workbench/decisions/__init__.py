"""Verdicts and what follows them: second review, undo, appeal, blind double review, outcomes."""
