"""Steady links whose directions differ: are predictions right, and what is believed of the link?"""
