"""The workload on links that move: real uplinks and downlinks, a photo every quarter of a second."""
