"""What is planted in a world: rings, single-claim mechanisms and the money they move."""
