"""Each step of the pipeline as a function of (inputs, setup): which tables it reads and writes.

The work itself is done by the step's package (``rings``, ``pricing``, ``risk`` and so on), which
knows nothing of its neighbours. Here and nowhere else their results are handed on by name.
"""
