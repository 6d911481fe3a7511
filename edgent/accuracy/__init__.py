"""Accuracy by exit and codec: measured, and kept in a file."""
