"""How sure an exit has to be for an input to leave there, found on held-out inputs with a guarantee."""
