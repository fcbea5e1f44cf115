"""What a square says of a month."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inspection.domain.month import COUNTERS
from services.inspection.domain.names import folded, ordered
from services.inspection.domain.square import State, committee_square, rounded, square

NOTHING = dict.fromkeys(("meeting", "open_meeting", "other_meeting", "held_on", "entry"))


def month(**counts: int) -> dict[str, Any]:
    return dict.fromkeys(COUNTERS, 0) | NOTHING | counts


@pytest.mark.parametrize(
    ("recorded", "period", "was_there", "state"),
    [
        (month(held=1, closed=1), "2026-10", True, State.HELD),
        (month(late=1, closed=1), "2026-10", True, State.LATE),
        (month(missed=1), "2026-10", True, State.MISSED),
        (month(thematic=1, closed=1), "2026-11", True, State.AHEAD),
        (month(thematic=1, closed=1), "2026-10", True, State.UNKNOWN),
        (month(open=1), "2026-11", True, State.AHEAD),
        (None, "2026-11", True, State.AHEAD),
        (None, "2026-12", True, State.AHEAD),
        (None, "2026-10", True, State.UNKNOWN),
        (None, "2026-10", False, State.OUTSIDE),
    ],
)
def test_a_month_is_held_late_missed_ahead_unknown_or_outside_the_life_of_the_cell(
    recorded: dict[str, Any] | None, period: str, was_there: bool, state: State
) -> None:
    assert square(recorded, period=period, present_period="2026-11", was_there=was_there).state is state


@pytest.mark.parametrize(
    ("counts", "due", "state"),
    [
        ({"held": 20}, 20, State.HELD),
        ({"held": 19, "late": 1}, 20, State.HELD),
        ({"held": 18, "late": 2}, 20, State.LATE),
        ({"held": 19, "missed": 1}, 20, State.LATE),
        ({"held": 18, "missed": 2}, 20, State.MISSED),
        ({"held": 5}, 20, State.AHEAD),
        ({}, 20, State.AHEAD),
        ({}, 0, State.OUTSIDE),
    ],
)
def test_a_committees_month_is_coloured_by_the_share_of_its_cells(
    counts: dict[str, int], due: int, state: State
) -> None:
    assert committee_square(counts, due, period="2026-11", present_period="2026-11").state is state


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_a_hundred_percent_means_all_of_them(numerator: int, base: int) -> None:
    percent = rounded(min(numerator, base), base)
    assert percent is not None
    assert (percent == 100) is (numerator >= base)


def test_names_are_found_without_marks_and_counted_like_people_count() -> None:
    assert folded("  Bản  Phiêng Lơi ") == "ban phieng loi"
    assert folded("Đảng bộ") == "dang bo"
    assert sorted(["thôn 10", "thôn 2"], key=ordered) == ["thôn 2", "thôn 10"]
