"""What runs a pipeline on more than one machine: images, a proxy before TorchServe, manifests, units.

Everything is written into one folder, from the spec and what TorchServe was measured to take; nothing is run.
"""
