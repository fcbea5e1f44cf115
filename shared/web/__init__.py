"""Pages: the frame, the words, the look and the browser's helpers that the four services share."""

from fastapi import FastAPI

from shared.auth.reader import Reader, reader_of
from shared.web.assets import static_files, static_url
from shared.web.flash import local_path, see_other
from shared.web.i18n import ReaderLanguage, language, lazy, speaking
from shared.web.problem import problem_page
from shared.web.render import render, templates_from

__all__ = [
    "Reader",
    "install",
    "language",
    "lazy",
    "local_path",
    "problem_page",
    "reader_of",
    "render",
    "see_other",
    "speaking",
    "static_url",
    "templates_from",
]


def install(app: FastAPI) -> None:
    """What every service with pages has: ``/static`` and the reader's language."""
    app.mount("/static", static_files, name="static")
    app.add_middleware(ReaderLanguage)
