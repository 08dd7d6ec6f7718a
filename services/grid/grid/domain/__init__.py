"""The rules of the net, free of I/O and of geometry libraries: areas and overlaps come in as numbers."""
