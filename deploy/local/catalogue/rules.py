"""Chapters: the business rules that refuse, what notifications say, and the parameters rules are judged by."""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from deploy.local.catalogue.house import HOUSE, Service, table
from shared.http.texts import RuleText
from shared.rules.parameters import PARAMETERS, InForce, Parameter, Value

COMMON: Final = tuple(HOUSE / "shared" / room / "refusals.toml" for room in ("http", "rules"))
_LIMITS: Final = {"at_least": "at least", "at_most": "at most", "below": "below"}


def texts_in(file: Path) -> Iterator[RuleText]:
    """The texts of one file, in its order; none if the service has no such file."""
    if file.exists():
        for rule, row in tomllib.loads(file.read_text("utf-8")).items():
            yield RuleText(rule=rule, **row)


def refusals(known: Sequence[Service]) -> str:
    rooms = [("every service", COMMON)] + [(one.name, (one.parts.folder / "refusals.toml",)) for one in known]
    return "\n".join(
        f"### {name}: refusals\n\n{_sentences(text for file in files for text in texts_in(file))}"
        for name, files in rooms
    )


def findings(known: Sequence[Service]) -> str:
    return _sentences(text for one in known for text in texts_in(one.parts.folder / "findings.toml"))


def _sentences(texts: Iterator[RuleText]) -> str:
    rows = [(f"`{text.rule}`", text.status, text.vi, text.en, text.source) for text in texts]
    return table(("rule", "status", "vi", "en", "source"), rows)


def parameters(_known: Sequence[Service]) -> str:
    intro = (
        "The defaults as shipped; a committee adopts its own for its subtree (`members.RuleAdopted`), and the nearest"
        " one counts on the day that matters.\n"
    )
    rows = [
        (f"`{one.code}`", f"{one.vi} ({one.en})", _unit(one), "<br>".join(_span(span) for span in one.in_force))
        for one in PARAMETERS.values()
    ]
    return f"{intro}\n{table(('code', 'parameter', 'unit', 'value over time, with its basis'), rows)}"


def _unit(one: Parameter) -> str:
    limit = _LIMITS.get(one.limit or "", "")
    return f"{limit} … {one.unit}" if limit else one.unit


def _span(span: InForce) -> str:
    until = f" to {span.effective_to}" if span.effective_to else ""
    return f"**{_value(span.value)}** from {span.effective_from}{until}: {span.legal_basis}"


def _value(value: Value) -> str:
    match value:
        case None:
            return "none"
        case list():
            return ", ".join(str(one) for one in value)
        case _:
            return str(value)
