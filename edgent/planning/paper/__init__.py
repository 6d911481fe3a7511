"""Algorithms 1 to 3 of the paper: exit search, configuration map, state lookup."""
