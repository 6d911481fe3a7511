"""Folders from which devices start: a pipeline whose segments are cut already, and what to install."""
