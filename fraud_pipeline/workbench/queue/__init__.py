"""The work queue: filters, its view for one person, and which claim is assigned to whom."""
