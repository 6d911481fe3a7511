"""Streams of frames: how many a device answers one by one, and with the next one begun ahead."""
