"""Files outside docs/ in the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("mkdocs")

from mkdocs.config.base import load_config
from mkdocs.structure.files import File, Files, get_files
from mkdocs.structure.pages import Page

from mkdocs_hooks.repository_files import on_files, on_page_markdown

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs.config.defaults import MkDocsConfig


@pytest.fixture
def config(tmp_path: Path) -> MkDocsConfig:
    """A small repository, with the configuration of its site."""
    texts = {
        "mkdocs.yml": "site_name: small\nuse_directory_urls: false\n",
        "README.md": "# Read me\n",
        "CHANGELOG.md": "See [the page](docs/how-to/first.md#top).\n",
        "pipelines/lenet.yaml": "version: 1\n",
        "docs/index.md": "# Small\n",
        "docs/how-to/first.md": "# First\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = load_config(str(tmp_path / "mkdocs.yml"))
    config.plugins._current_plugin = None  # as MkDocs has it while it runs hooks, to say who made a file
    return config


def _shown(config: MkDocsConfig, uri: str, markdown: str) -> tuple[str, Files]:
    """A page's Markdown as the site has it, and the site's files then."""
    files = on_files(get_files(config), config=config)
    file = files.get_file_from_path(uri)
    assert isinstance(file, File)
    return on_page_markdown(markdown, page=Page(None, file, config), config=config, files=files), files


def test_a_file_of_the_repository_is_a_page(config: MkDocsConfig) -> None:
    """Its links lead where they led, seen from where it is shown; what docs/ has itself stays."""
    text, files = _shown(config, "contributing/changelog.md", "See [the page](docs/how-to/first.md#top).")
    assert text == "See [the page](../how-to/first.md#top)."
    index = files.get_file_from_path("index.md")
    assert index is not None
    assert index.content_string == "# Small\n"
    assert files.get_file_from_path("contributing/security.md") is None


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("../../CHANGELOG.md#fixed", "../contributing/changelog.md#fixed"),
        ("../../README.md", "../index.md"),
        ("../index.md", "../index.md"),
        ("../../pipelines/lenet.yaml", "../files/pipelines/lenet.yaml"),
        ("../../missing.yaml", "../../missing.yaml"),
        ("https://example.org/a", "https://example.org/a"),
        ("#top", "#top"),
    ],
)
def test_a_link_out_of_docs(config: MkDocsConfig, link: str, shown: str) -> None:
    """It leads to the page that shows the file, or to a copy; one that leads nowhere is left to MkDocs."""
    text, files = _shown(config, "how-to/first.md", f"a [b]({link}) c")
    assert text == f"a [b]({shown}) c"
    copy = files.get_file_from_path("files/pipelines/lenet.yaml")
    assert (copy is not None) is ("lenet" in link)


def test_a_copy_is_made_once(config: MkDocsConfig) -> None:
    """However many links lead to it."""
    link = "[a](../../pipelines/lenet.yaml)"
    text, files = _shown(config, "how-to/first.md", f"{link} {link}")
    assert text.count("files/pipelines/lenet.yaml") == 2
    assert [file.src_uri for file in files].count("files/pipelines/lenet.yaml") == 1
