"""Measurements of edgent as a whole; never imported by the product."""
