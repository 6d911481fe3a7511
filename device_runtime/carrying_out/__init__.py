"""One request under way: its stages, here and by way of an edge, until there is an answer."""
