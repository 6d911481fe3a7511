"""The report as one page that opens from disk, with its pictures in it."""

import base64
from io import BytesIO
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from benchmarks.studies.study import Report, machine_in_words

_TEMPLATE = "page.html"


def write_page(file: Path, report: Report, circumstances: str) -> None:
    """Write a report as HTML; it needs no other file and no network."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    pictures = []
    for picture in report.pictures.values():
        buffer = BytesIO()
        picture.figure.savefig(buffer, format="png", dpi=110)
        pictures.append((picture, base64.b64encode(buffer.getvalue()).decode()))
    page = environment.get_template(_TEMPLATE).render(
        report=report,
        pictures=pictures,
        circumstances=circumstances,
        machine=machine_in_words(),
    )
    file.write_text(page, encoding="utf-8")
