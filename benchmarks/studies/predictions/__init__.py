"""How well times of unmeasured windows are predicted: `python -m benchmarks.studies.predictions`."""
