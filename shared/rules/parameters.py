"""The parameters of the rules as shipped in ``parameters.toml``: their types, their values over time, their bases."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Final

from shared.refusal import require

Value = int | float | str | bool | None | list[int] | list[float]

_SHARE = re.compile(r"(>=?)\s*(\d+)/(\d+)")


class UnknownRule(Exception):
    """No parameter has this code: a misspelling, or a rule set newer than this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no rule parameter is called {code!r}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Share:
    """A fraction of a voting base, kept exact: ``>1/2`` or ``>=2/3``."""

    numerator: int
    denominator: int
    inclusive: bool

    @classmethod
    def parse(cls, text: str) -> "Share":
        """Raises ValueError for what is not ``>a/b`` or ``>=a/b`` with a at most b."""
        match = _SHARE.fullmatch(text.strip())
        if match is None or not 0 <= int(match[2]) <= int(match[3]) or int(match[3]) == 0:
            raise ValueError(text)
        return cls(int(match[2]), int(match[3]), inclusive=match[1] == ">=")

    def met_by(self, agreed: int, base: int) -> bool:
        """Whether ``agreed`` of ``base`` reach it; of an empty base nothing does."""
        have, need = agreed * self.denominator, self.numerator * base
        return base > 0 and (have >= need if self.inclusive else have > need)


@dataclass(frozen=True, slots=True)
class InForce:
    """A value over a span of dates, inclusive at both ends; ``supersedes`` is the legal basis it replaced."""

    value: Value
    legal_basis: str
    effective_from: date
    effective_to: date | None = None
    supersedes: str | None = None
    note: str | None = None  # where the basis is unsure

    def covers(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the parameter sheet. ``limit`` says how the value bounds: at_least, at_most, below, or nothing."""

    code: str
    type: str  # "integer" | "integers" | "share"
    unit: str
    limit: str | None
    optional: bool  # None is a value: the rule sets no bound
    vi: str
    en: str
    in_force: tuple[InForce, ...]

    def accepts(self, value: object) -> bool:
        """Whether a committee could adopt ``value`` for it."""
        match self.type, value:
            case _, None:
                return self.optional
            case "integer", bool():
                return False
            case "integer", int():
                return value >= 0
            case "integers", [*items]:
                return bool(items) and all(type(item) is int and item >= 0 for item in items)
            case "share", str():
                try:
                    Share.parse(value)
                except ValueError:
                    return False
                return True
            case _:
                return False


def _read(tables: Mapping[str, Any]) -> dict[str, Parameter]:
    read = {}
    for code, table in tables.items():
        spans = tuple(InForce(**{"value": None, **span}) for span in table["in_force"])
        read[code] = Parameter(
            code, table["type"], table["unit"], table.get("limit"), table.get("optional", False),
            table["vi"], table["en"], spans,
        )  # fmt: skip
    return read


PARAMETERS: Final = _read(tomllib.loads(files("shared.rules").joinpath("parameters.toml").read_text("utf-8")))
"""Code -> parameter, as shipped."""


def parameter(code: str) -> Parameter:
    """Raises `UnknownRule`."""
    if code not in PARAMETERS:
        raise UnknownRule(code)
    return PARAMETERS[code]


def check_value(code: str, value: object) -> None:
    """Refuse a value that a committee may not adopt: ``rule.known_code``, ``rule.value_type``."""
    require(code in PARAMETERS, "rule.known_code", code=code)
    found = PARAMETERS[code]
    require(found.accepts(value), "rule.value_type", code=code, value=value, expected=found.type, unit=found.unit)
