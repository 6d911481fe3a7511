"""A real device and a real edge in the testbed: programs on both sides, and the handle that drives them.

Used by `benchmarks.static_plans` and `benchmarks.comparison`.
"""
