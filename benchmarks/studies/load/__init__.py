"""Many devices at one edge: what is answered in time, and what is computed in vain."""
