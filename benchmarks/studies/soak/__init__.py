"""Many requests in a row: do memory, threads and file descriptors stay as they are, on both sides?"""
