"""What may listen where: inference beyond loopback over TLS alone, everything else never."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from edgent.cli import application
from edgent.edge.configuration import (
    Addresses,
    Behind,
    TlsFiles,
    check_exposure,
    config_properties,
)
from edgent.edge.store import build_store
from edgent.errors import ArchiveError

TLS = TlsFiles(Path("server.pem"), Path("server.key"))


@pytest.mark.parametrize(
    ("addresses", "tls"),
    [
        (Addresses(), None),
        (Addresses(inference="https://0.0.0.0:8443"), TLS),
        (Addresses(inference="https://127.0.0.1:8443"), TLS),
        (Addresses(inference="http://[::1]:8080"), None),
        (Addresses(grpc_inference="grpcs://0.0.0.0:8470"), TLS),
        (Addresses("https://0.0.0.0:8443", grpc_inference="grpcs://0.0.0.0:8470"), TLS),
    ],
)
def test_what_may_run(addresses: Addresses, tls: TlsFiles | None) -> None:
    """Loopback, and inference over TLS anywhere."""
    check_exposure(addresses, tls)


@pytest.mark.parametrize(
    ("addresses", "tls", "said"),
    [
        (Addresses(inference="http://0.0.0.0:8080"), None, "edgent tls"),
        (Addresses(inference="http://edge.local:8080"), None, "leaves loopback without TLS"),
        (Addresses(inference="https://0.0.0.0:8443"), None, "--certificate and --private-key"),
        (Addresses(inference="http://127.0.0.1:8080"), TLS, "write https://"),
        (Addresses(management="http://0.0.0.0:8081"), None, "management address"),
        (Addresses("https://0.0.0.0:1", "https://0.0.0.0:2"), TLS, "must stay on loopback"),
        (Addresses(metrics="http://10.0.0.1:8082"), None, "metrics address"),
        (Addresses(grpc_inference="grpc://0.0.0.0:7070"), None, "gRPC address .* write grpcs://"),
        (Addresses(grpc_inference="grpcs://0.0.0.0:7070"), None, "grpcs needs --certificate"),
        (Addresses("https://0.0.0.0:1", grpc_inference="grpc://0.0.0.0:7070"), TLS, "gRPC address"),
        (Addresses(grpc_inference="http://127.0.0.1:7070"), None, "write grpc://HOST:PORT, or grpcs://"),
        (Addresses(inference="http://0.0.0.0:8080"), None, "--behind"),
        (Addresses(inference="0.0.0.0:8080"), None, "write http://HOST:PORT, or https://"),
        (Addresses(inference="http://127.0.0.1"), None, "no address to listen on"),
        (Addresses(inference="http://127.0.0.1:99999"), None, "no address to listen on"),
        (Addresses(inference="http://[::1:8080"), None, "no address to listen on"),
    ],
)
def test_what_may_not(addresses: Addresses, tls: TlsFiles | None, said: str) -> None:
    """Each refusal says what to do."""
    with pytest.raises(ArchiveError, match=said):
        check_exposure(addresses, tls)


@pytest.mark.parametrize("behind", ["proxy", "network-policy"])
def test_what_may_run_behind_something(behind: Behind) -> None:
    """Inference and metrics may listen without TLS where others cannot reach them; management may not."""
    everywhere = Addresses(
        inference="http://0.0.0.0:8080", metrics="http://0.0.0.0:8082", grpc_inference="grpc://0.0.0.0:7070"
    )
    check_exposure(everywhere, None, behind)
    with pytest.raises(ArchiveError, match=r"management address .* must stay on loopback"):
        check_exposure(Addresses(management="http://0.0.0.0:8081"), None, behind)


def test_a_store_says_what_stands_before_it(tiny_spec: Path, tmp_path: Path) -> None:
    """The option has to be given: without it the same command is refused."""
    arguments = ["archive", str(tiny_spec), "--store", str(tmp_path / "store")]
    arguments += ["--inference-address", "http://0.0.0.0:8080"]
    assert isinstance(CliRunner().invoke(application, arguments).exception, ArchiveError)
    done = CliRunner().invoke(application, [*arguments, "--behind", "network-policy"])
    assert done.exit_code == 0, done.output
    properties = (tmp_path / "store" / "config.properties").read_text(encoding="utf-8")
    assert "inference_address=http://0.0.0.0:8080\n" in properties
    assert "disable_token_authorization=false\n" in properties


def test_an_open_store_is_not_built(tmp_path: Path) -> None:
    """Nothing is written for a server that others could reach."""
    with pytest.raises(ArchiveError, match="leaves loopback"):
        build_store(tmp_path / "store", [], addresses=Addresses(inference="http://0.0.0.0:8080"))
    assert not (tmp_path / "store").exists()


def test_certificate_and_key_are_written_with_whole_paths() -> None:
    """TorchServe is started elsewhere than the archives are built; tokens are on whatever else is set."""
    text = config_properties(Path(), [], Addresses(inference="https://0.0.0.0:8443"), TLS)
    properties = dict(line.split("=", 1) for line in text.splitlines())
    assert Path(properties["certificate_file"]) == TLS.certificate.resolve()
    assert Path(properties["private_key_file"]) == TLS.private_key.resolve()
    assert properties["disable_token_authorization"] == properties["enable_envvars_config"] == "false"
    assert properties["management_address"].startswith("http://127.0.0.1:")
    assert properties["enable_grpc_ssl"] == "false"


def test_grpc_goes_where_it_is_told() -> None:
    """Beyond loopback with the same certificate; its management stays."""
    text = config_properties(Path(), [], Addresses(grpc_inference="grpcs://0.0.0.0:8470"), TLS)
    properties = dict(line.split("=", 1) for line in text.splitlines())
    assert (properties["grpc_inference_address"], properties["grpc_inference_port"]) == ("0.0.0.0", "8470")
    assert properties["enable_grpc_ssl"] == "true"
    assert properties["grpc_management_address"] == "127.0.0.1"


def test_the_command_wants_both_files(tiny_spec: Path, tmp_path: Path) -> None:
    """A certificate without its key is a mistake, not half a wish."""
    arguments = ["archive", str(tiny_spec), "--store", str(tmp_path), "--certificate", "server.pem"]
    error = CliRunner().invoke(application, arguments).exception
    assert isinstance(error, ArchiveError)
    assert "belong together" in str(error)
