"""Tests mirror the source as plain folders; what several of them share stands here and is imported by name."""
