"""How many edges devices need: a discrete-event simulation with the planner of the runtime."""
