"""A link that dies in the middle of a request: what the device still answers, and when."""
