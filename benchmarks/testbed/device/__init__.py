"""The device: one program with edgent's own runtime, and two ways to make it slow."""
