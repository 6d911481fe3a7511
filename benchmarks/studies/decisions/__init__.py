"""How long a decision takes, for every planner and policy: `python -m benchmarks.studies.decisions`."""
