"""One row of a roster file, as an admission, or as the reasons why it is none. Every reason is named, not the first."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.members.domain.member import Person, require_person
from services.members.imports.columns import COLUMNS, plain
from services.members.imports.dates import RosterDate, read_date
from services.members.imports.report import BadRow, GoodRow, Reason
from services.members.imports.workbook import Row
from services.members.register.people import Admission
from shared.events.members import MemberStatus
from shared.refusal import Refused

PROBATION_DAYS: Final = 365
LONGEST: Final = 500  # characters of a text field
_HEADINGS: Final = {column.field: column.heading for column in COLUMNS}
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_YES: Final = frozenset({"x", "co", "yes", "1", "true", "mien", "duoc mien"})
_NO: Final = frozenset({"", "khong", "no", "0", "false"})

FindCell = Callable[[str], str]
"""The id of the cell a text names. Raises `Refused`."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file's rows are read: ``cell`` for rows that name none; whether the file tells official days at all."""

    find_cell: FindCell
    cell: str | None
    tells_official_days: bool
    today: date


class _Reading:
    """The values of one row, and what was wrong with them."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.wrong: list[Reason] = []
        self.notes: list[Reason] = []

    def refuse(self, rule: str, **params: Any) -> None:
        self.wrong.append(Reason(rule, params))

    def text(self, field: str) -> str | None:
        value = self.values.get(field)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():  # a telephone number that Excel took for a number
            value = int(value)
        text = " ".join(str(value).split())
        if len(text) > LONGEST:
            self.refuse("import.text_too_long", column=_HEADINGS[field], limit=LONGEST)
            return None
        return text

    def some_date(self, field: str) -> RosterDate | None:
        value = self.values.get(field)
        if value is None:
            return None
        try:
            return read_date(value)
        except (ValueError, OverflowError):
            self.refuse("import.date_readable", column=_HEADINGS[field], value=str(value)[:40])
            return None

    def whole_date(self, field: str) -> date | None:
        """A date of a fact: where only a year or a month is known, its first day, with a note."""
        found = self.some_date(field)
        if found is None:
            return None
        if found.precision != "day":
            self.notes.append(
                Reason("import.day_assumed", {"column": _HEADINGS[field], "day": f"{found.day:%d/%m/%Y}"})
            )
        return found.day


def read_row(row: Row, manner: Manner) -> GoodRow | BadRow:
    reading = _Reading(row.values)
    cell = _cell(reading, manner)
    born = reading.some_date("birth_date")
    admitted_on = reading.whole_date("admitted_on")
    official_on = reading.whole_date("official_on")
    person = Person(
        full_name=reading.text("full_name") or "",
        birth_date=born.text if born else None,
        phone=_phone(reading),
        email=_email(reading),
        address=reading.text("address"),
    )
    exempt = _exempt(reading)
    if "admitted_on" not in row.values:
        reading.refuse("import.admission_day_given")
    _collect(reading, lambda: require_person(person, admitted_on or manner.today))
    _require_order(reading, admitted_on, official_on, manner.today)
    if reading.wrong or cell is None or admitted_on is None:
        return BadRow(row, tuple(reading.wrong))
    status = _status(reading, official_on, admitted_on, manner)
    return GoodRow(row, cell, Admission(person, status, admitted_on, official_on, exempt), tuple(reading.notes))


def _cell(reading: _Reading, manner: Manner) -> str | None:
    named = reading.text("cell")
    if named is None:
        if manner.cell is None:
            reading.refuse("import.cell_given")
        return manner.cell
    try:
        return manner.find_cell(named)
    except Refused as refusal:
        reading.wrong.append(Reason.of(refusal))
        return None


def _phone(reading: _Reading) -> str | None:
    text = reading.text("phone")
    if text is not None and text.isdigit() and len(text) == 9:  # Excel drops the leading nought of a number
        return f"0{text}"
    return text


def _email(reading: _Reading) -> str | None:
    text = reading.text("email")
    if text is not None and _EMAIL.fullmatch(text) is None:
        reading.refuse("import.email_readable", value=text[:60])
        return None
    return text


def _exempt(reading: _Reading) -> bool:
    value = reading.values.get("exempt")
    said = plain("" if value is None else str(value))
    if said not in _YES | _NO:
        reading.refuse("import.exempt_readable", value=str(value)[:40])
    return said in _YES


def _require_order(reading: _Reading, admitted_on: date | None, official_on: date | None, today: date) -> None:
    for day in (admitted_on, official_on):
        if day is not None and day > today:
            reading.refuse("member.not_in_future", day=f"{day:%d/%m/%Y}")
    if admitted_on is not None and official_on is not None and official_on < admitted_on:
        reading.refuse("member.official_after_admission", admitted_on=f"{admitted_on:%d/%m/%Y}")


def _status(reading: _Reading, official_on: date | None, admitted_on: date, manner: Manner) -> MemberStatus:
    """Whoever has an official day is official. A file without that column cannot tell: then probation has passed."""
    if official_on is not None:
        return MemberStatus.OFFICIAL
    if not manner.tells_official_days and (manner.today - admitted_on).days > PROBATION_DAYS:
        reading.notes.append(Reason("import.official_assumed", {}))
        return MemberStatus.OFFICIAL
    return MemberStatus.PROBATIONARY


def _collect(reading: _Reading, check: Callable[[], None]) -> None:
    try:
        check()
    except Refused as refusal:
        reading.wrong.append(Reason.of(refusal))
