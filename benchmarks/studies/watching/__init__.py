"""What a recording and a live page take of the latency of requests."""
