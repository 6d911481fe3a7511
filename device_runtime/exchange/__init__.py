"""Frames to one edge and back: HTTP or gRPC over one kept connection."""
