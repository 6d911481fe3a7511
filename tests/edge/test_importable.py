"""Modules that no worker could import are refused before an archive is written."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from edgent.edge.importable import check_importable
from edgent.edge.store import build_store, plan_archives
from edgent.errors import ArchiveError
from edgent.network import Network
from edgent.spec import read_spec
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.core.codecs.codec_registry import CodecRegistry

CODEC = """
from edgent.core.codecs.raw import RawCodec
class Mine(RawCodec):
    name, number, carries = "mine", 222, ("input",)
MINE = Mine()
print("a module may print")
"""


def _add(codecs: CodecRegistry, site: Path, text: str, name: str = "made_up_codec") -> None:
    file = site.joinpath(*name.split(".")).with_suffix(".py")
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    importlib.invalidate_caches()
    codecs.add("mine", importlib.import_module(name).MINE)


def test_what_needs_edgents_core_alone(codecs: CodecRegistry, site: Path) -> None:
    """The module is carried; what it prints disturbs nobody. Edgent's own need no process to ask."""
    _add(codecs, site, CODEC)
    check_importable(["raw", "mine"], ["margin"])
    check_importable(["raw"], [])


@pytest.mark.parametrize("package", ["edgent.planning.plan", "device_runtime.deadline"])
def test_parts_of_edgent_that_no_archive_carries(codecs: CodecRegistry, site: Path, package: str) -> None:
    """A codec and a policy in one module: the import that is missing is named, and what to do."""
    _add(codecs, site, f"import {package}\n{CODEC}")
    with pytest.raises(ArchiveError) as caught:
        check_importable(["mine"], [])
    said = str(caught.value)
    assert "codec 'mine' (made_up_codec:MINE): made_up_codec.py: ModuleNotFoundError: " in said
    assert package.rpartition(".")[0] in said
    assert "put what archives carry into a module of its own" in said


def test_a_package_whose_init_imports_the_rest(codecs: CodecRegistry, site: Path) -> None:
    """The codec's own module is innocent; the file that is not is named."""
    (site / "made_up").mkdir()
    (site / "made_up" / "__init__.py").write_text("import edgent.planning.plan\n", encoding="utf-8")
    _add(codecs, site, CODEC, "made_up.codec")
    with pytest.raises(ArchiveError, match=r"made_up/__init__\.py: ModuleNotFoundError"):
        check_importable(["mine"], [])


@pytest.mark.parametrize(
    ("last_words", "said"),
    [("", "exit code 3"), (r"os.write(2, b'gone \xff'); ", "gone \N{REPLACEMENT CHARACTER}")],
)
def test_a_module_that_ends_the_process(
    codecs: CodecRegistry, site: Path, last_words: str, said: str
) -> None:
    """Where it is not the module that it was here; its last words are told, whatever their encoding."""
    leave = f"import os, sys\nif 'edgent.edge' not in sys.modules: {last_words}os._exit(3)\n"
    _add(codecs, site, f"{leave}{CODEC}")
    with pytest.raises(ArchiveError, match=rf"codec 'mine' \(made_up_codec:MINE\): {said}"):
        check_importable(["mine"], [])


def test_a_module_that_waits_for_ever(
    codecs: CodecRegistry, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is not the module that it was here; nobody waits with it."""
    waits = "import sys, threading\nif 'edgent.edge' not in sys.modules: threading.Event().wait()\n"
    _add(codecs, site, f"{waits}{CODEC}")
    monkeypatch.setattr("edgent.edge.importable._LONGEST_IMPORT_S", 0.5)
    with pytest.raises(ArchiveError, match=r"\(made_up_codec:MINE\): its import has not ended after 0\.5 s"):
        check_importable(["mine"], [])


def test_a_package_that_only_this_machine_has(
    codecs: CodecRegistry, site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It can be imported here, and an edge need not have it: said for the file, not refused."""
    (site / "made_up").mkdir()
    (site / "made_up" / "__init__.py").touch()
    (site / "made_up" / "policy.py").write_text("import pandas\n", encoding="utf-8")
    _add(codecs, site, f"import json, numpy, pydantic\n{CODEC}", "made_up.codec")
    check_importable(["mine"], [])
    said = (
        "made_up/codec.py imports pydantic, which no archive brings or asks for: install it in TorchServe's"
    )
    assert [record.getMessage() for record in caplog.records] == [f"{said} environment, too"]


def test_no_archive_is_written(
    codecs: CodecRegistry, site: Path, chain_network: Path, tmp_path: Path
) -> None:
    """The check comes first."""
    _add(codecs, site, f"import edgent.planning.plan\n{CODEC}")
    spec = write_tiny_spec(tmp_path / "spec", chain_network)
    spec.write_text(spec.read_text() + "codecs: {input: [raw, mine]}\n", encoding="utf-8")
    network = Network.open(read_spec(spec), tmp_path / "cache")
    with pytest.raises(ArchiveError, match="no worker on an edge can import this"):
        build_store(tmp_path / "store", plan_archives([network]))
    assert not (tmp_path / "store").exists()
