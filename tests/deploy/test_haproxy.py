"""haproxy.cfg: HAProxy itself reads it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from edgent.deploy.haproxy import ADDRESS_VARIABLE, ProxiedEdge, Proxy, haproxy_configuration
from edgent.deploy.question import Question

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = Question("net/0123456789ab", b"\0a frame\r\n")
DEFAULTS = """\
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
"""


def _checked(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "haproxy.cfg"
    file.write_text(text, encoding="utf-8")
    return subprocess.run(
        ["haproxy", "-c", "-q", "-f", str(file)], check=False, capture_output=True, text=True, timeout=60
    )


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed")
@pytest.mark.parametrize(
    ("target", "file"), [("composed", "haproxy.cfg"), ("clustered", "manifests/haproxy.cfg")]
)
def test_haproxy_reads_it(target: str, file: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Without a warning; a line that is wrong is found."""
    folder: Path = request.getfixturevalue(target)
    for name, source in {"tls.crt": "server.pem", "tls.key": "server.key", "tokens": "tokens"}.items():
        shutil.copy(folder / "secrets" / source, tmp_path / name)
    text = (folder / file).read_text(encoding="utf-8").replace("/etc/edgent", str(tmp_path))
    done = _checked(text, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert _checked(text.replace("balance leastconn", "balance leastcon"), tmp_path).returncode == 1


def test_edges_are_asked_a_whole_request() -> None:
    """Byte for byte, as HAProxy cannot write a NUL in any other way."""
    text = haproxy_configuration(Proxy([ProxiedEdge("edge1", "10.0.0.1")], [QUESTION], 1000, 5))
    sent = text.partition("send-binary ")[2].partition("\n")[0]
    assert bytes.fromhex(sent) == QUESTION.request()
    assert "tcp-check connect linger  #" in text  # a reset would be an error in TorchServe's log
    assert "server edge1 10.0.0.1:8080" in text
    assert "server edge1 10.0.0.1:7070 track edges/edge1" in text
    assert "timeout server 5s" in text
    assert "level admin" not in text
    assert "torchserve_metrics" not in text


def test_a_resolver_that_is_gone_takes_no_edge_away() -> None:
    """By default HAProxy forgets an address half a minute after nobody answers for its name any more."""
    text = haproxy_configuration(Proxy([], [QUESTION], 1000, 5))
    names = text.partition("\nresolvers names\n")[2].partition("\n\n")[0]
    for silence in ("timeout", "refused", "other"):
        assert f"    hold {silence} 24d" in names.splitlines()
    assert "hold nx" not in names  # an edge that is removed is no edge any more


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed")
@pytest.mark.parametrize(("said", "hears_ipv6"), [(None, False), ("[::]", True)])
def test_which_addresses_it_listens_at(said: str | None, hears_ipv6: bool, tmp_path: Path) -> None:
    """Those of IPv4, and with a variable of its environment those of IPv6, too."""
    if not socket.has_dualstack_ipv6():
        pytest.skip("there is no IPv6 here")
    port = _free_port()
    operators = haproxy_configuration(Proxy([], [QUESTION], 1000, 5, operators_port=port))
    section = operators.partition("frontend operators\n")[2].partition("\n\n")[0]
    bind = next(line for line in section.splitlines() if line.strip().startswith("bind "))
    answers = "http-request return status 200"
    file = tmp_path / "haproxy.cfg"
    file.write_text(f"{DEFAULTS}\nfrontend operators\n{bind}\n    {answers}\n", encoding="utf-8")
    environment = os.environ | ({} if said is None else {ADDRESS_VARIABLE: said})
    with subprocess.Popen(["haproxy", "-db", "-q", "-f", str(file)], env=environment) as process:
        try:
            _wait_for("127.0.0.1", port)
            assert _hears("::1", port) is hears_ipv6
        finally:
            process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _hears(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), 5).close()
    except ConnectionRefusedError:
        return False
    return True


def _wait_for(host: str, port: int) -> None:
    deadline = time.monotonic() + 20
    while not _hears(host, port):
        assert time.monotonic() < deadline, "HAProxy does not listen"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("request_bytes", "buffer_bytes"),
    [(100, 16_384), (12_288, 16_384), (12_289, 32_768), (150_528, 262_144), (1 << 26, 1 << 20)],
)
def test_a_request_is_kept_whole(request_bytes: int, buffer_bytes: int) -> None:
    """With its headers, up to a mebibyte; the container's memory follows."""
    proxy = Proxy([], [], request_bytes, 5)
    assert proxy.buffer_bytes == buffer_bytes
    assert proxy.memory_mib * 2**20 > 1000 * buffer_bytes
