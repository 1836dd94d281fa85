"""How many threads a step keeps busy itself, besides those of DuckDB and LightGBM."""

# Files read, columns converted, tables written or checked, checks asked, shares of a market: all are
# done two at a time. A machine of the size this is made for has two processors, and more at a
# time would hold more half-made tables in memory.
N_THREADS = 2
