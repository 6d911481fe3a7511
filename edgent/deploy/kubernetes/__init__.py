"""The manifests of a cluster: pods of an edge and its proxy, and what finds, guards and scales them."""
