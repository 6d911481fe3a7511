"""The branchy network as a graph: paths, layers, partition points, heads and tails."""
