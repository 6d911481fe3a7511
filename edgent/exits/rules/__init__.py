"""Exit rules: leave at an exit that is sure enough of its answer, and how sure that has to be.

An exit rule is a measure of confidence and a threshold for each exit. `calibration` finds the thresholds on
held-out inputs, such that leaving early costs no more than was allowed.
"""
