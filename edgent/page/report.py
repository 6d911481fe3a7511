"""A recording as one file of HTML, which opens from disk and asks no network for anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bokeh.document import Document
from bokeh.embed import file_html
from bokeh.resources import INLINE

from edgent.page.document import Page

if TYPE_CHECKING:
    from edgent.recording.history import History


def report_page(history: History) -> str:
    """The page of a history, with all that draws it.

    Args:
        history: what is shown.
    """
    document = Document()
    Page(history, most_answers=max(len(history.answers), 1)).fill(document)
    return file_html(
        document, INLINE, template=document.template, template_variables=document.template_variables
    )
