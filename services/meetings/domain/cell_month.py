"""A cell's month: until when its regular meeting is on time, and the fact that it passed without one.

Rule ``meeting.window.last_day``: the last day of the month (1-31) a committee allows, None for the whole month.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.events import Event
from shared.events.meetings import CellMonthMissed, RuleBasis
from shared.refusal import require
from shared.vietnam import period_of, vietnam_date

WINDOW = "meeting.window.last_day"


@dataclass(frozen=True, slots=True)
class CellMonth:
    missed: bool = False


@dataclass(frozen=True, slots=True)
class NoticeMissed:
    """Nobody recorded a regular meeting of this cell for this period; ``basis`` is the window's rule."""

    cell: str
    period: str
    at: datetime
    basis: RuleBasis


Order = NoticeMissed


def window_end(period: str, last_day: RuleBasis) -> date:
    """The last day on which the period's regular meeting is on time: day N, or the month's last day."""
    year, month = (int(part) for part in period.split("-"))
    length = monthrange(year, month)[1]
    match last_day.value:
        case None:
            return date(year, month, length)
        case int(day):
            return date(year, month, min(day, length))
        case other:
            raise TypeError(f"{last_day.code} is {other!r}, not a day of the month")


def meeting_day(period: str, fixed_day: int | None, is_holiday: Callable[[date], bool]) -> date | None:
    """The cell's fixed day in this month, moved past holidays; None if the cell has fixed none."""
    if fixed_day is None:
        return None
    year, month = (int(part) for part in period.split("-"))
    day = date(year, month, min(fixed_day, monthrange(year, month)[1]))
    while is_holiday(day):
        day += timedelta(days=1)
    return day


def periods(first: str, last: str) -> Iterator[str]:
    """Every period from first to last, both included; none if last comes before first."""
    day = date.fromisoformat(f"{first}-01")
    while period_of(day) <= last:
        yield period_of(day)
        day = (day + timedelta(days=31)).replace(day=1)


def due_from(established_on: date, known_since: str) -> str:
    """The first period a cell answers for: the first it stood from its first day, and never before it was known here.

    ``known_since``: the period in which chibo first learnt of the cell, or of its earliest recorded meeting.
    """
    whole = established_on
    if established_on.day > 1:
        whole = (established_on.replace(day=1) + timedelta(days=31)).replace(day=1)
    return max(period_of(whole), known_since)


def decide(month: CellMonth, command: Order) -> Sequence[Event]:
    end = window_end(command.period, command.basis)
    require(vietnam_date(command.at) > end, "cell_month.window_has_passed", window_end=end)
    require(not month.missed, "cell_month.missed_once", period=command.period)
    return [
        CellMonthMissed(
            cell=command.cell, period=command.period, window_end=end, noticed_at=command.at, basis=(command.basis,)
        )
    ]


def evolve(month: CellMonth, event: Event) -> CellMonth:
    match event:
        case CellMonthMissed():
            return CellMonth(missed=True)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a cell's month")
