"""The slow device: a CPU quota in slices short enough for a computation of a millisecond."""
