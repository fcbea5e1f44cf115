"""A month of a cell: its window, its fixed day, and the notice that it passed without a meeting."""

from datetime import UTC, date, datetime

import pytest

from services.meetings.domain.cell_month import (
    CellMonth,
    NoticeMissed,
    decide,
    due_from,
    evolve,
    meeting_day,
    periods,
    window_end,
)
from services.meetings.tests.domain.story import window
from shared.events.meetings import CellMonthMissed
from shared.refusal import Refused


@pytest.mark.parametrize(
    ("period", "last_day", "end"),
    [
        ("2026-05", None, date(2026, 5, 31)),
        ("2026-05", 10, date(2026, 5, 10)),
        ("2026-02", 31, date(2026, 2, 28)),
        ("2028-02", None, date(2028, 2, 29)),
    ],
)
def test_a_month_ends_on_day_n_or_on_its_last_day(period: str, last_day: int | None, end: date) -> None:
    assert window_end(period, window(last_day)) == end


@pytest.mark.practice(34)
def test_the_fixed_day_moves_past_a_holiday() -> None:
    holidays = {date(2026, 9, 1), date(2026, 9, 2)}
    assert meeting_day("2026-09", 1, holidays.__contains__) == date(2026, 9, 3)
    assert meeting_day("2026-09", 10, holidays.__contains__) == date(2026, 9, 10)
    assert meeting_day("2026-02", 31, holidays.__contains__) == date(2026, 2, 28)
    assert meeting_day("2026-09", None, holidays.__contains__) is None


@pytest.mark.practice(62)
def test_a_month_is_missed_the_day_after_its_window_and_noticed_once() -> None:
    last_evening = datetime(2026, 5, 10, 16, 59, tzinfo=UTC)  # 23:59 in Vietnam
    next_morning = datetime(2026, 5, 10, 17, 0, tzinfo=UTC)
    with pytest.raises(Refused, match=r"cell_month\.window_has_passed"):
        decide(CellMonth(), NoticeMissed("c1", "2026-05", last_evening, window(10)))
    (missed,) = decide(CellMonth(), NoticeMissed("c1", "2026-05", next_morning, window(10)))
    assert isinstance(missed, CellMonthMissed)
    assert missed.window_end == date(2026, 5, 10)
    assert missed.basis == (window(10),)
    with pytest.raises(Refused, match=r"cell_month\.missed_once"):
        decide(evolve(CellMonth(), missed), NoticeMissed("c1", "2026-05", next_morning, window(10)))


def test_a_cell_answers_from_the_first_whole_month_it_stands() -> None:
    assert due_from(date(2026, 12, 3), "2026-01") == "2027-01"
    assert due_from(date(1998, 3, 3), "2026-01") == "2026-01"


def test_a_cell_established_on_the_first_answers_for_that_month() -> None:
    assert due_from(date(2026, 12, 1), "2026-01") == "2026-12"


def test_periods_run_over_the_turn_of_the_year() -> None:
    assert list(periods("2026-11", "2027-02")) == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert list(periods("2026-11", "2026-10")) == []
