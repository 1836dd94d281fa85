"""The features of a claim: their catalogue and how they are built."""
