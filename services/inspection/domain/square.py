"""What one square of the wall says, as it stands when it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class State(StrEnum):
    HELD = "held"
    LATE = "late"
    MISSED = "missing"
    AHEAD = "ahead"  # its window has not passed
    UNKNOWN = "unknown"  # a month gone by of which nothing was recorded
    OUTSIDE = "outside"  # before the organisation was there, or after it had ended


@dataclass(frozen=True, slots=True)
class Square:
    """A month of a cell. Rates are left as numerator and base: ``present`` of ``due``, ``spoke`` of ``present``."""

    state: State
    present: int = 0
    due: int = 0
    spoke: int = 0
    thematic: int = 0
    unsent: int = 0
    now: bool = False
    held_on: date | None = None
    entry: str | None = None
    meeting: str | None = None  # the one to read about it

    @property
    def percent(self) -> int | None:
        return rounded(self.present, self.due)


@dataclass(frozen=True, slots=True)
class CommitteeSquare:
    """A month of all cells under a committee: ``met`` of ``due`` cells held their regular meeting."""

    state: State
    met: int = 0
    late: int = 0
    missed: int = 0
    due: int = 0
    present: int = 0
    members_due: int = 0
    unsent: int = 0
    now: int = 0

    @property
    def percent(self) -> int | None:
        return rounded(self.met, self.due)


def rounded(numerator: int, base: int) -> int | None:
    """A whole percent, half up; 100 only when nothing is missing."""
    if not base:
        return None
    return min((200 * numerator + base) // (2 * base), 99) if numerator < base else 100


def square(month: Mapping[str, Any] | None, *, period: str, present_period: str, was_there: bool) -> Square:
    """``month`` is a row of the wall's ``cell_month``, or None when nothing is recorded of it."""
    if month is None or not any((month["closed"], month["missed"], month["open"])):
        if not was_there:
            return Square(State.OUTSIDE)
        return Square(State.AHEAD if period >= present_period else State.UNKNOWN)
    if month["held"]:
        state = State.HELD
    elif month["late"]:
        state = State.LATE
    elif month["missed"]:
        state = State.MISSED
    else:
        state = State.AHEAD if period >= present_period else State.UNKNOWN
    return Square(
        state,
        present=month["present"],
        due=month["due"],
        spoke=month["spoke"],
        thematic=month["thematic"],
        unsent=month["unsent"],
        now=month["open"] > 0,
        held_on=month["held_on"],
        entry=month["entry"],
        meeting=month["meeting"] or month["open_meeting"] or month["other_meeting"],
    )


def committee_square(counts: Mapping[str, int], cells_due: int, *, period: str, present_period: str) -> CommitteeSquare:
    """``counts`` are the sums of ``month.COUNTERS`` of all its cells.

    Green: every cell has met, all but a tenth on time. Amber: fewer than a tenth missed, or a tenth and more were late.
    Red: a tenth and more missed.
    """
    held, late, missed = counts.get("held", 0), counts.get("late", 0), counts.get("missed", 0)
    met = held + late
    if not cells_due and not met:
        return CommitteeSquare(State.OUTSIDE)
    if missed * 10 >= cells_due and missed:
        state = State.MISSED
    elif missed or (met and met >= cells_due and late * 10 >= cells_due):
        state = State.LATE
    elif met and met >= cells_due:
        state = State.HELD
    else:
        state = State.AHEAD if period >= present_period else State.UNKNOWN
    return CommitteeSquare(
        state,
        met=met,
        late=late,
        missed=missed,
        due=cells_due,
        present=counts.get("present", 0),
        members_due=counts.get("due", 0),
        unsent=counts.get("unsent", 0),
        now=counts.get("open", 0),
    )
