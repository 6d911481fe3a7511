"""The doctor: looks at a running server from outside and from loopback, and says what to do.

What was seen (``observations``) is kept apart from what it means (``checks``, pure functions, one a file).
"""
