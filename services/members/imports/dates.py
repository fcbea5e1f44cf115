"""Dates as people write them in rosters: Excel's own, dd/mm/yyyy, mm/yyyy, or only the year."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from openpyxl.utils.datetime import from_excel

_DAY_FIRST: Final = re.compile(r"(?:(?:(\d{1,2})[/.\- ])?(\d{1,2})[/.\- ])?(\d{4})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?")
_YEARS: Final = range(1900, 2101)
_SERIALS: Final = range(10_000, 80_000)  # Excel's day numbers from 1927 to 2119


@dataclass(frozen=True, slots=True)
class RosterDate:
    """``day`` is the first day the text may mean; ``precision`` is "day", "month" or "year"."""

    day: date
    precision: str

    @property
    def text(self) -> str:
        """As a birth date is kept: the year alone when no more is known."""
        return f"{self.day.year}" if self.precision == "year" else self.day.isoformat()


def read_date(value: Any) -> RosterDate:
    """Raises ValueError for what is no date, and for two-digit years, which could be either century."""
    match value:
        case datetime():
            return RosterDate(value.date(), "day")
        case date():
            return RosterDate(value, "day")
        case bool():
            raise ValueError(value)
        case int() | float() if value in _YEARS:
            return RosterDate(date(int(value), 1, 1), "year")
        case int() | float() if int(value) in _SERIALS:
            return read_date(from_excel(int(value)))
    text = str(value).strip().strip("'").replace(" / ", "/")
    if found := _YEAR_FIRST.fullmatch(text):
        return RosterDate(date(int(found[1]), int(found[2]), int(found[3])), "day")
    found = _DAY_FIRST.fullmatch(text)
    if found is None:
        raise ValueError(text)
    day, month, year = found[1], found[2], int(found[3])
    if year not in _YEARS:
        raise ValueError(text)
    precision = "day" if day else "month" if month else "year"
    return RosterDate(date(year, int(month or 1), int(day or 1)), precision)
