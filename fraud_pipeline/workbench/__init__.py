"""The workbench: where people read the leads of a run, decide, and every look is accounted for.

Runs are read only; what people do lies apart, in a database of its own (``tables``), and
goes back to the pipeline as rows of the contract's ``outcomes`` (``outcomes``). Nothing is
imported here: the command line lists this package in its help without importing it.
"""
