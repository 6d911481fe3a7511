"""Exit rules: leave at an exit that is sure enough of its answer.

An exit rule is a measure of confidence and a threshold for each exit.
"""
