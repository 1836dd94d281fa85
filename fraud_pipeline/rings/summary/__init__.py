"""A ring for readers: facts, evidence rows, roles, summary text, masking, exports, lineage."""
