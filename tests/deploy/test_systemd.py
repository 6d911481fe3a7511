"""The units: systemd itself reads them, and finds little that they expose."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from edgent.deploy.systemd import DEVICE_UNIT, EDGE_UNIT, device_unit

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.deploy.served_store import ServedStore

UNITS = (EDGE_UNIT, DEVICE_UNIT)
MOST_EXPOSURE = 25
"""Of 100, as `systemd-analyze security` counts; 50 and more it calls medium."""

with_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


@pytest.fixture
def root(in_units: tuple[Path, ServedStore], tmp_path: Path) -> Path:
    """The root of a machine that has the units, and programs by the names that they run."""
    units, programs = tmp_path / "etc/systemd/system", tmp_path / "opt/edgent/bin"
    units.mkdir(parents=True)
    programs.mkdir(parents=True)
    for unit in UNITS:
        shutil.copy(in_units[0] / unit, units)
    for program in ("torchserve", "edgent-device"):
        (programs / program).write_text("#!/bin/sh\n", encoding="ascii")
        (programs / program).chmod(0o755)
    return tmp_path


def _analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], check=False, capture_output=True, text=True, timeout=60
    )


@with_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_reads_it(root: Path, unit: str) -> None:
    """Without a word about unknown keys or programs; a misspelt key is found."""
    file = root / "etc/systemd/system" / unit
    done = _analyze("verify", "--recursive-errors=no", f"--root={root}", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    file.write_text(file.read_text(encoding="utf-8").replace("DynamicUser=yes", "DynamicUsr=yes"))
    assert "DynamicUsr" in _analyze("verify", "--recursive-errors=no", f"--root={root}", str(file)).stderr


@with_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_it_exposes_little(root: Path, unit: str) -> None:
    """By systemd's own count."""
    file = str(root / "etc/systemd/system" / unit)
    done = _analyze("security", "--no-pager", "--offline=true", f"--threshold={MOST_EXPOSURE}", file)
    assert done.returncode == 0, done.stdout[-300:]


def test_what_an_edge_serves(in_units: tuple[Path, ServedStore]) -> None:
    """TLS beyond loopback, with the key that systemd hands over, and TorchServe's own tokens."""
    folder, served = in_units
    lines = (folder / "archives" / "config.properties").read_text(encoding="utf-8").splitlines()
    said = dict(line.split("=", 1) for line in lines)
    assert said["inference_address"] == "https://0.0.0.0:8443"
    assert said["enable_grpc_ssl"] == "true"
    assert said["certificate_file"] == f"/run/credentials/{EDGE_UNIT}/server.pem"
    assert said["private_key_file"] == f"/run/credentials/{EDGE_UNIT}/server.key"
    assert said["disable_token_authorization"] == "false"
    assert said["token_expiration_min"] == "43200"
    unit = (folder / EDGE_UNIT).read_text(encoding="utf-8")
    assert "LoadCredential=server.pem:/etc/edgent/server.pem\n" in unit
    assert "LoadCredential=server.key:/etc/edgent/server.key\n" in unit
    assert served.version in (folder / "archives" / "questions.json").read_text(encoding="utf-8")
    assert not (folder / "compose.yaml").exists()
    assert not (folder / "secrets" / "tokens").exists()


@pytest.mark.parametrize("unit", UNITS)
def test_to_stop_it_is_no_failure(in_units: tuple[Path, ServedStore], unit: str) -> None:
    """Both end with the code of SIGTERM, which systemd takes for a failure where it is not told."""
    assert "\nSuccessExitStatus=143\n" in (in_units[0] / unit).read_text(encoding="utf-8")


def test_which_edge_a_device_asks(in_units: tuple[Path, ServedStore]) -> None:
    """That on its own machine where nobody names one; what it shows and trusts systemd hands over."""
    unit = (in_units[0] / DEVICE_UNIT).read_text(encoding="utf-8")
    assert "Environment=EDGENT_INFERENCE_URL=https://localhost:8443\n" in unit
    elsewhere = {"EDGENT_INFERENCE_URL": "https://edge.local:8443", "EDGENT_CA_FILE": "%d/ca.pem"}
    unit = device_unit("net", "net.yaml", elsewhere)
    assert "Environment=EDGENT_INFERENCE_URL=https://edge.local:8443\n" in unit
    assert "Environment=EDGENT_CA_FILE=%d/ca.pem\n" in unit
    assert "LoadCredential=ca.pem:/etc/edgent/ca.pem\n" in unit
    assert "localhost" not in unit
    assert "Restart" not in unit  # or an input that cannot be read would have all answered for ever


@with_systemd
def test_an_address_with_a_scope(root: Path) -> None:
    """Its percent sign is none of systemd's, which reads the variable as the device is to have it."""
    file = root / "etc/systemd/system" / DEVICE_UNIT
    text = device_unit("net", "net.yaml", {"EDGENT_INFERENCE_URL": "https://[fe80::1%eth0]:8443"})
    assert "Environment=EDGENT_INFERENCE_URL=https://[fe80::1%%eth0]:8443\n" in text
    file.write_text(text, encoding="utf-8")
    done = _analyze("verify", "--recursive-errors=no", f"--root={root}", str(file))
    assert (done.returncode, done.stderr) == (0, "")


@with_systemd
@pytest.mark.parametrize("spec", ["my net.yaml", 'it\'s 100% $HOME "x".yaml', "back\\slash.yaml"])
def test_odd_names_are_quoted(root: Path, spec: str) -> None:
    """One word of the command, as systemd reads it."""
    file = root / "etc/systemd/system" / DEVICE_UNIT
    text = device_unit("net", spec, {})
    file.write_text(text, encoding="utf-8")
    done = _analyze("verify", "--recursive-errors=no", f"--root={root}", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    quoted = text.partition("--pipeline ")[2].partition(" --input")[0]
    as_systemd = quoted.replace("%%", "%").replace("$$", "$")
    assert shlex.split(as_systemd) == [f"/srv/edgent/pipeline/{spec}"]
