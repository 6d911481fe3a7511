"""The two programs that time raw TCP transfers over the testbed's link.

`python -m benchmarks.testbed.link.probe serve HOST` runs on the edge and says its port;
`... link_probe measure HOST PORT IDLE_S up:BYTES down:BYTES ...` runs on the device and prints a JSON list
of seconds. Both read the same monotonic clock, for both run on one machine.
"""

import contextlib
import json
import socket
import struct
import sys
import time

from benchmarks.testbed.conversation import say

_REQUEST = struct.Struct("<?Id")  # upwards?, bytes, seconds that the link idles before they are sent
_CLOCK = struct.Struct("<d")


def serve(host: str) -> None:
    """Answer one connection after the other for ever."""
    with socket.create_server((host, 0)) as listener:
        say(port=listener.getsockname()[1])
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while header := connection.recv(_REQUEST.size, socket.MSG_WAITALL):
                    upwards, size_bytes, idle_s = _REQUEST.unpack(header)
                    if upwards:
                        _receive(connection, size_bytes)
                        connection.sendall(_CLOCK.pack(time.monotonic()))
                    else:
                        time.sleep(idle_s)
                        started_s = time.monotonic()
                        connection.sendall(bytes(size_bytes))
                        connection.sendall(_CLOCK.pack(started_s))


def transfer_s(connection: socket.socket, upwards: bool, size_bytes: int, idle_s: float) -> float:
    """Seconds from sending the first byte to receiving the last, over a link that idled before."""
    connection.sendall(_REQUEST.pack(upwards, size_bytes, idle_s))
    if upwards:
        time.sleep(idle_s)
        started_s = time.monotonic()
        connection.sendall(bytes(size_bytes))
        ended_s = _clock(connection)
    else:
        _receive(connection, size_bytes)
        ended_s = time.monotonic()
        started_s = _clock(connection)
    return ended_s - started_s


def _clock(connection: socket.socket) -> float:
    return float(_CLOCK.unpack(connection.recv(_CLOCK.size, socket.MSG_WAITALL))[0])


def _receive(connection: socket.socket, size_bytes: int) -> None:
    while size_bytes:
        chunk = connection.recv(min(size_bytes, 1 << 16))
        if not chunk:
            raise ConnectionError("the connection closed in the middle of a transfer")
        size_bytes -= len(chunk)


def measure(host: str, port: str, idle_s: str, *transfers: str) -> None:
    """Print the seconds of each transfer; a new connection for each, so that none inherits TCP's state."""
    elapsed_s = []
    for transfer in transfers:
        direction, _, size_bytes = transfer.partition(":")
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            elapsed_s.append(transfer_s(connection, direction == "up", int(size_bytes), float(idle_s)))
    sys.stdout.write(json.dumps(elapsed_s))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(*sys.argv[2:])
    else:
        measure(*sys.argv[2:])
