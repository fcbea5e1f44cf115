"""What a caller may mean by a day, a month and an instant."""

from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.http import Day, Instant, Month, read_instant

NO_DAYS = [
    0,
    "0",
    1e300,
    True,
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "2026-11-22T00:00:00",
    "２０２６-11-22",
    "26-11-22",
]
NO_INSTANTS = [0, "0", "2026-11-22", "2026-11-22T14:00:00", "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-12:00"]


def test_a_day_and_an_instant_are_read_as_written() -> None:
    assert TypeAdapter(Day).validate_python("2026-11-22") == date(2026, 11, 22)
    instant = datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert TypeAdapter(Instant).validate_python("2026-11-22T14:00:00+07:00") == instant
    assert read_instant("2026-11-22T07:00:00+00:00") == instant


@pytest.mark.parametrize("value", NO_DAYS, ids=ascii)
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(value)


@pytest.mark.parametrize("value", NO_INSTANTS, ids=ascii)
def test_what_is_no_instant_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(value)


@pytest.mark.parametrize("text", ["2026-11-22", "2026-11-22T14:00:00", "0001-01-01T00:00:00+14:00", "soon"])
def test_a_cursor_holds_no_other_instants(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_instant(text)


@pytest.mark.parametrize("text", ["2026-13", "0000-01", "٢٠٢٦-11", "2026-11\n", "2026-1"], ids=ascii)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Month).validate_python(text)
