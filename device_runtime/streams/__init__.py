"""Streams: frames that come by themselves, of which the newest is answered."""
