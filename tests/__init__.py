"""Tests mirror the source as plain folders; what several of them share stands here, imported by name."""
