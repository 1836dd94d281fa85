"""The bipartite graph of enterprises and institutions that the ring search reads, from any table."""
