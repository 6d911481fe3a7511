"""What can go wrong between a device and its edge, done to real connections and a real TorchServe.

`python -m benchmarks.studies.faults` runs every fault and writes docs/faults.md.
"""
