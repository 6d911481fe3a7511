"""haproxy.cfg: HAProxy itself reads it."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from edgent.deploy.haproxy import ProxiedEdge, Proxy, haproxy_configuration
from edgent.deploy.question import Question

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = Question("net/0123456789ab", b"\0a frame\r\n")


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


@pytest.mark.parametrize(
    ("request_bytes", "buffer_bytes"),
    [(100, 16_384), (12_288, 16_384), (12_289, 32_768), (150_528, 262_144), (1 << 26, 1 << 20)],
)
def test_a_request_is_kept_whole(request_bytes: int, buffer_bytes: int) -> None:
    """With its headers, up to a mebibyte; the container's memory follows."""
    proxy = Proxy([], [], request_bytes, 5)
    assert proxy.buffer_bytes == buffer_bytes
    assert proxy.memory_mib * 2**20 > 1000 * buffer_bytes
