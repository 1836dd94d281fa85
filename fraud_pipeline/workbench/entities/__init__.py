"""Looking things up: the search box, and the facts about a party, person, phone, account or agent."""
