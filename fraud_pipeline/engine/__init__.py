"""Where and on which rows the steps run: a workspace, memory, a cluster, a single claim."""
