"""Pages: one a file. Each is drawn whole once; what changes afterwards comes by its stream, drawn by the same hands."""
