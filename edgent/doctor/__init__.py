"""The doctor looks at a running server from outside and from loopback, and says what to do.

Observations, which are plain values, are made in ``observe``; the ``checks``, which are pure functions, tell
what they mean.
"""
