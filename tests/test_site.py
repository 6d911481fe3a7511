"""The documentation as a site: it builds strictly, fetches nothing from elsewhere, and leaves nothing out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import typer

import device_runtime
import edgent
from edgent.cli import application

ROOT = Path(__file__).parents[1]
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make docs` builds; its first warning fails every test here."""
    pytest.importorskip("mkdocs")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return folder


class _Loads(HTMLParser):
    """Collects the addresses that a browser fetches by itself when it shows a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in an element."""
        address = dict(attrs).get(LOADED.get(tag, ""))
        if address is not None:
            self.addresses.append(address)


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """All that a page loads lies in the site, so it reads as well without a network."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        loads = _Loads()
        loads.feed(page.read_text(encoding="utf-8"))
        for address in loads.addresses:
            assert not re.match(r"(https?:)?//", address), page
            if page.name != "404.html":  # its addresses count from the server's root
                assert (page.parent / address.partition("?")[0].partition("#")[0]).exists(), address
    scripts = [file.read_text(encoding="utf-8") for file in site.glob("assets/stylesheets/*.css")]
    assert not any(re.search(r"url\([\"']?https?:", script) for script in scripts)


def test_the_reference_has_every_command(site: Path) -> None:
    """With its options, as `--help` says them."""
    page = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    group = typer.main.get_command(application)
    names = list(group.commands)  # type: ignore[attr-defined]  # a group
    assert len(names) > 15
    for name in names:
        assert f'id="edgent-{name}"' in page
    assert 'id="edgent-device"' in page
    assert "--bandwidth-kbps" in page


def test_the_reference_has_every_public_name(site: Path) -> None:
    """What a program may import is explained."""
    page = (site / "reference" / "python.html").read_text(encoding="utf-8")
    for name in {*edgent.__all__, *device_runtime.__all__}:
        assert name in page
    infer = "device_runtime.DeviceRuntime.infer"
    for identity in (infer, "device_runtime.Answer", "edgent.spec.read.read_spec"):
        assert f'id="{identity}"' in page


def test_examples_in_docstrings_are_code(site: Path) -> None:
    """Markdown takes `>>>` for three quotations; what doctest is told is left out."""
    page = (site / "reference" / "python.html").read_text(encoding="utf-8")
    assert "<blockquote>" not in page
    assert "doctest:" not in page
    assert "&gt;&gt;&gt; " in page


def test_the_search_knows_every_page(site: Path) -> None:
    """Words of each are in its index, notations of plans among them."""
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    known = {entry["location"].partition("#")[0] for entry in index["docs"]}
    pages = {page.relative_to(site).as_posix() for page in site.rglob("*.html")}
    assert pages - known <= {"404.html"}
    assert any("exit2:p3:uint8" in entry["text"] for entry in index["docs"])
