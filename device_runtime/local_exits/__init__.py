"""Layers and exits that the device runs by itself, and the rescue of a request without an edge."""
