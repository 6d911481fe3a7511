"""Who looks on while a device answers: recordings, the live page, metrics, spans."""
