"""Which exit, which partition point, which codec: Algorithms 1 to 3 of the paper, and beyond."""
