"""What answers tell of all nodes, and plans follow."""
