"""Files that ship with edgent and are no Python packages: handlers and pipelines."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped_folder(name: str) -> Path:
    """The folder ``handlers`` or ``pipelines``: inside an installed wheel, or at the top of a checkout."""
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
