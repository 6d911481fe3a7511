"""How an exit's answers are scored: by labels, or by what the deepest exit gives without loss."""
