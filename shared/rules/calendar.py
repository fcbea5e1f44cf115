"""Vietnam's working days: weekends, public holidays, days in lieu and swapped days, from ``calendar.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, Final

SATURDAY = 5
_WORKED = "swapped_in"


class YearNotInCalendar(Exception):
    """The calendar has no table for the year, so nothing can be said about its working days."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the working-day calendar has no table for {year}; add it to shared/rules/calendar.toml")
        self.year = year


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that differs from its place in the week.

    ``confirmed``: an official text of the choice, or a report that gives its number, was seen.
    """

    date: date
    kind: str  # "holiday" | "in_lieu" | "swapped_off" | "swapped_in"
    vi: str
    en: str
    source: str
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Calendar:
    years: frozenset[int]
    special: Mapping[date, SpecialDay]

    @classmethod
    def read(cls, tables: Mapping[str, Any]) -> "Calendar":
        days = [SpecialDay(**{**day, "source": tables["sources"][day["source"]]}) for day in tables["day"]]
        return cls(frozenset(tables["years"]), {day.date: day for day in days})

    def is_working_day(self, day: date) -> bool:
        """Raises `YearNotInCalendar`, as every question about working days does."""
        if day.year not in self.years:
            raise YearNotInCalendar(day.year)
        special = self.special.get(day)
        return special.kind == _WORKED if special else day.weekday() < SATURDAY

    def add_working_days(self, day: date, count: int) -> date:
        """The day on which a limit of ``count`` working days that starts on ``day`` ends; the start is not counted.

        ``count`` 0 gives ``day`` itself, worked or not. Raises ValueError for a negative count.
        """
        if count < 0:
            raise ValueError(f"a limit of {count} working days")
        while count:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end``; negative when ``end`` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def first_working_day(self, day: date) -> date:
        """``day`` if it is worked, else the next day that is."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)


WORKING_DAYS: Final = Calendar.read(tomllib.loads(files("shared.rules").joinpath("calendar.toml").read_text("utf-8")))
"""The calendar as shipped: 2025 to 2027."""
