"""Optimizers on recorded links: what each policy would have answered, and how soon (paper, section V-D)."""
