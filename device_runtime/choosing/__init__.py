"""Which plan answers the next input: planner, choosers, and what a plan promises."""
