"""Quality of the audit itself: whether groups of parties are drawn or found clean unequally."""
