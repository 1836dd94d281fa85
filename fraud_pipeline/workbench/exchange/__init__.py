"""Exchange with other systems: incoming rows, webhooks, the description of the API."""
