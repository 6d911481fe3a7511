"""Labelled images to train and to measure with, by name."""
