"""What one hop to the edge costs before anything is computed: `python -m benchmarks.studies.hop`."""
