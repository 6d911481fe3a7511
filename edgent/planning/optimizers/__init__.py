"""The optimizers, one policy a file."""
