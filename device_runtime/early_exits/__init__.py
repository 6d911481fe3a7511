"""Exits that are asked on the way to the plan's, here and on the edge, by an exit rule."""
