"""Working days in Vietnam, 2025 to 2027."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules import WORKING_DAYS, YearNotInCalendar

days = st.dates(date(2025, 1, 1), date(2027, 6, 30))


@pytest.mark.parametrize(
    "day",
    [
        date(2025, 1, 29),  # mùng 1 Tết Ất Tỵ
        date(2025, 4, 7),  # Giỗ Tổ
        date(2026, 2, 17),  # mùng 1 Tết Bính Ngọ
        date(2026, 4, 27),  # Giỗ Tổ was a Sunday
        date(2026, 9, 1),
        date(2027, 2, 11),  # two days of Tết Đinh Mùi fall on a weekend
        date(2027, 5, 3),
    ],
)
def test_a_holiday_on_a_weekday_is_not_worked(day: date) -> None:
    assert day.weekday() < 5
    assert not WORKING_DAYS.is_working_day(day)


def test_a_swapped_saturday_is_worked() -> None:
    assert WORKING_DAYS.is_working_day(date(2025, 4, 26))
    assert not WORKING_DAYS.is_working_day(date(2025, 5, 2))
    assert WORKING_DAYS.is_working_day(date(2026, 1, 10))
    assert not WORKING_DAYS.is_working_day(date(2026, 1, 2))


@pytest.mark.parametrize("day", [date(2026, 8, 22), date(2026, 8, 31), date(2026, 11, 24), date(2027, 2, 10)])
def test_what_no_official_text_was_seen_for_says_so(day: date) -> None:
    assert not WORKING_DAYS.special[day].confirmed


def test_a_limit_that_runs_over_tet_waits_for_the_holidays_to_end() -> None:
    assert WORKING_DAYS.add_working_days(date(2026, 2, 12), 3) == date(2026, 2, 24)


def test_a_limit_of_no_days_ends_the_same_day_and_a_negative_one_is_nonsense() -> None:
    assert WORKING_DAYS.add_working_days(date(2026, 2, 17), 0) == date(2026, 2, 17)
    with pytest.raises(ValueError, match="-1"):
        WORKING_DAYS.add_working_days(date(2026, 2, 17), -1)


def test_the_first_working_day_is_the_day_itself_when_it_is_worked() -> None:
    assert WORKING_DAYS.first_working_day(date(2026, 11, 10)) == date(2026, 11, 10)
    assert WORKING_DAYS.first_working_day(date(2026, 5, 1)) == date(2026, 5, 4)


@pytest.mark.parametrize("year", [2024, 2028])
def test_a_year_outside_the_table_is_an_error_that_names_it(year: int) -> None:
    with pytest.raises(YearNotInCalendar, match=str(year)):
        WORKING_DAYS.is_working_day(date(year, 3, 3))


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_every_year_has_its_eleven_days_off_in_the_week_and_swaps_in_pairs(year: int) -> None:
    special = [day for day in WORKING_DAYS.special.values() if day.date.year == year]
    off = [day for day in special if day.kind in ("holiday", "in_lieu") and day.date.weekday() < 5]
    culture = [day for day in special if day.vi == "Ngày Văn hóa Việt Nam"]
    assert len(off) - len(culture) == 11
    assert [d.kind for d in special].count("swapped_in") == [d.kind for d in special].count("swapped_off")
    assert all(day.source for day in special)


@given(days, st.integers(0, 80))
def test_counting_back_what_was_added_gives_the_same_number(day: date, count: int) -> None:
    assert WORKING_DAYS.working_days_between(day, WORKING_DAYS.add_working_days(day, count)) == count


@given(days, st.integers(1, 60))
def test_a_limit_ends_on_a_working_day_and_the_next_ends_later(day: date, count: int) -> None:
    end = WORKING_DAYS.add_working_days(day, count)
    assert WORKING_DAYS.is_working_day(end)
    assert WORKING_DAYS.add_working_days(day, count + 1) > end


@given(days, st.integers(0, 100), st.integers(0, 100))
def test_spans_add_up_and_turn_their_sign(day: date, first: int, second: int) -> None:
    middle, end = day + timedelta(days=first), day + timedelta(days=first + second)
    between = WORKING_DAYS.working_days_between
    assert between(day, middle) + between(middle, end) == between(day, end) == -between(end, day)
