"""Faults of a link, done to real connections by a proxy."""
