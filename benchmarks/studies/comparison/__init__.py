"""The paper's evaluation on one machine in one run: every method on the same inputs and the same link."""
