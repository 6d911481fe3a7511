"""What a hop to the edge costs before anything is computed: `python -m benchmarks.studies.hop`."""
