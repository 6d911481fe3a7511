"""What listens where, on real sockets."""

from __future__ import annotations

import socket

from edgent.doctor.observations import Listener
from edgent.doctor.sockets import is_on_this_host, listeners, open_ports


def test_addresses_of_this_machine() -> None:
    """Loopback is ours; an address for documentation is nobody's; a name that is none is not ours."""
    assert is_on_this_host("127.0.0.1")
    assert is_on_this_host("localhost")
    assert not is_on_this_host("192.0.2.1")
    assert not is_on_this_host("no such host")
    assert not is_on_this_host("edge..local")


def test_all_sockets_of_the_process() -> None:
    """One port leads to its process and to everything else that it listens on."""
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("0.0.0.0", 0)) as second:
        ports = first.getsockname()[1], second.getsockname()[1]
        found = listeners(ports[0], [])
    assert found is not None
    assert {Listener("127.0.0.1", ports[0]), Listener("0.0.0.0", ports[1])} <= set(found)


def test_nobody_listens() -> None:
    """Then nothing is known, rather than that nothing is open."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert listeners(unused.getsockname()[1], []) is None


def test_open_ports() -> None:
    """A port where somebody listens is told from one that is merely taken."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert open_ports("127.0.0.1", [port, bound.getsockname()[1]]) == (port,)
