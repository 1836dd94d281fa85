"""What a page shows about one claim or one ring: facts, ties, charts, attached files."""
