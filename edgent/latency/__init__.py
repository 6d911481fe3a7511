"""How long a segment takes on a node: profiling, features, regression (paper, section IV-B)."""
