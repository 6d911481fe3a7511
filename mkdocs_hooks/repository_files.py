"""Files of the repository that lie outside docs/: some are pages of the site, the others are copied into it.

A page links to such a file by its path, as an editor or a forge follows it. In the site the link leads to the
page that shows the file, or to a copy below ``files/``. Any other link that leaves docs/ stays, and MkDocs
warns of it.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing/index.md",
    "CHANGELOG.md": "contributing/changelog.md",
    "CODE_OF_CONDUCT.md": "contributing/code-of-conduct.md",
    "SECURITY.md": "contributing/security.md",
    "examples/README.md": "tutorials/examples.md",
}
"""The page that stands for a file of the repository; where docs/ has none, it shows the file itself."""

_COPIES = "files"
_TARGET = re.compile(r"(?<=\]\()[\w./-]+(?=[)#])")
"""Where a link of Markdown leads, without the place on that page."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside docs/."""
    for name, uri in PAGES.items():
        file = _repository(config) / name
        if file.is_file() and files.get_file_from_path(uri) is None:
            files.append(File.generated(config, uri, abs_src_path=str(file)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to the site's pages and copies."""
    folder = Path(page.file.abs_src_path or config.docs_dir).parent
    here = posixpath.dirname(page.file.src_uri)

    def in_site(link: re.Match[str]) -> str:
        uri = _uri(Path(os.path.normpath(folder / link[0])), config, files)
        return link[0] if uri is None else posixpath.relpath(uri, here)

    return _TARGET.sub(in_site, markdown)


def _uri(target: Path, config: MkDocsConfig, files: Files) -> str | None:
    """Where the site has a file; None where it has none."""
    if target.is_relative_to(config.docs_dir):
        return target.relative_to(config.docs_dir).as_posix()
    file = target / "README.md" if target.is_dir() else target
    if not file.is_file() or not file.is_relative_to(_repository(config)):
        return None
    name = file.relative_to(_repository(config)).as_posix()
    if name in PAGES:
        return PAGES[name]
    if file.suffix == ".md":
        return None
    copy = f"{_COPIES}/{name}"
    if files.get_file_from_path(copy) is None:
        files.append(File.generated(config, copy, abs_src_path=str(file)))
    return copy


def _repository(config: MkDocsConfig) -> Path:
    return Path(config.docs_dir).parent
