"""A clean world as bureaus would hand it in: the same facts in files nobody checked."""
