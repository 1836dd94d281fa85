"""Evidence besides structure, and the choice of the rings that are shown."""
