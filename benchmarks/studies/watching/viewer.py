"""Somebody who looks at a live page: a connection that takes everything the page shows, without drawing it.

``python -m benchmarks.studies.watching.viewer URL``; its output is the line ``looking``.
"""

import sys
import time

from bokeh.client import pull_session

if __name__ == "__main__":
    session = pull_session(url=sys.argv[1])
    print("looking", flush=True)
    while True:
        session.force_roundtrip()
        time.sleep(0.1)
