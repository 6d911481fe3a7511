"""Device-edge co-inference on TorchServe, driven by declarative YAML pipelines.

This file imports nothing: every archive carries a copy of it.
"""
