"""What became of every row: nothing is passed over in silence."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from services.members.imports.workbook import Row
from services.members.register.people import Admission
from shared.http import RuleTexts
from shared.refusal import Refused

TEXTS: Final = RuleTexts(Path(__file__).parents[1] / "refusals.toml")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row was not taken: a rule by name, said in the reader's language by `say`."""

    rule: str
    params: dict[str, Any]

    @classmethod
    def of(cls, refusal: Refused) -> "Reason":
        return cls(refusal.rule, refusal.params)

    def say(self, locale: str) -> str:
        return TEXTS[self.rule].say(locale, self.params)


@dataclass(frozen=True, slots=True)
class GoodRow:
    row: Row
    cell: str
    admission: Admission
    notes: tuple[Reason, ...] = ()  # taken, but look here


@dataclass(frozen=True, slots=True)
class BadRow:
    row: Row
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """``good`` are new, ``known`` are on the roll already, ``bad`` wait to be mended."""

    good: list[GoodRow] = field(default_factory=list)
    known: list[GoodRow] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.good) + len(self.known) + len(self.bad)
