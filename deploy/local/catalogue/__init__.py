"""`docs/catalogue.md`: all that chibo consists of, read from the code itself and never written by hand."""

from typing import Final

from deploy.local.catalogue import doors, language, rules, workings
from deploy.local.catalogue.house import DOCS, HOUSE, services

__all__ = ["FILE", "HOUSE", "text"]

FILE: Final = DOCS / "catalogue.md"

HEAD: Final = """# Catalogue

Every event, command, rule, parameter, view, task, metric and endpoint of chibo, written from the code and its data
files by `chibo catalogue --write`; a test refuses a catalogue that is not fresh. Which practices of a cell it serves is
in [practices.md](practices.md).
"""

CONTENTS: Final = (
    ("Events", language.events),
    ("Commands", language.commands),
    ("Rules that refuse", rules.refusals),
    ("What notifications say", rules.findings),
    ("Rule parameters", rules.parameters),
    ("Views", workings.views),
    ("Policies and tasks", workings.tasks),
    ("Metrics", workings.metrics),
    ("Endpoints", doors.endpoints),
)


def text() -> str:
    """The whole catalogue, in Markdown."""
    known = services()
    contents = " · ".join(f"[{title}](#{title.lower().replace(' ', '-')})" for title, _ in CONTENTS)
    chapters = [f"## {title}\n\n{write(known)}" for title, write in CONTENTS]
    return "\n".join([HEAD, contents + "\n", *chapters])
