"""Several edges: one of two fails while it is asked, and three unequal ones under load."""
