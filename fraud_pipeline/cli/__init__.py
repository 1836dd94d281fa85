"""The command line: one file a group of commands; it prints and does not compute."""
