"""Exits for a network that has one output: where they may stand, how they are trained and attached.

The trunk's weights stay as they are. An exit pools an activation of the trunk and reads classes from it with
one linear layer, so training it takes seconds.
"""
