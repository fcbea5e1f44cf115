"""The history of an attribute answers what was so on any day, whatever was recorded late."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.organisations import Period, changed_from, ended_on

BORN = date(2020, 1, 1)
days = st.integers(min_value=0, max_value=3000).map(lambda n: BORN + timedelta(days=n))


def on(periods: list[Period], day: date) -> dict[str, object] | None:
    return next(
        (
            dict(period.values)
            for period in periods
            if period.valid_from <= day and (period.valid_to is None or day < period.valid_to)
        ),
        None,
    )


def test_a_renamed_cell_keeps_the_name_it_had() -> None:
    periods = changed_from([Period(BORN, None, {"name": "Chi bộ 1"})], date(2025, 7, 1), name="Chi bộ bản Mẫu")
    assert on(periods, date(2025, 6, 30)) == {"name": "Chi bộ 1"}
    assert on(periods, date(2025, 7, 1)) == {"name": "Chi bộ bản Mẫu"}


def test_a_change_recorded_late_does_not_undo_a_later_one() -> None:
    periods = changed_from([Period(BORN, None, {"name": "a", "parent": "x"})], date(2025, 7, 1), name="c")
    periods = changed_from(periods, date(2024, 1, 1), name="b", parent="y")
    assert on(periods, date(2024, 5, 5)) == {"name": "b", "parent": "y"}
    assert on(periods, date(2026, 1, 1)) == {"name": "c", "parent": "y"}


def test_nothing_is_so_after_the_end() -> None:
    periods = changed_from([Period(BORN, None, {"name": "a"})], date(2024, 1, 1), name="b")
    assert on(ended_on(periods, date(2025, 1, 1)), date(2024, 12, 31)) == {"name": "b"}
    assert on(ended_on(periods, date(2025, 1, 1)), date(2025, 1, 1)) is None
    assert ended_on(periods, date(2023, 1, 1)) == [Period(BORN, date(2023, 1, 1), {"name": "a"})]


@given(st.lists(st.tuples(days, st.sampled_from(["name", "parent"])), max_size=8))
def test_periods_touch_and_each_day_has_the_last_change_before_it(changes: list[tuple[date, str]]) -> None:
    changes = sorted(set(changes))
    periods = [Period(BORN, None, {"name": None, "parent": None})]
    for number, (day, attribute) in enumerate(changes):
        periods = changed_from(periods, day, **{attribute: number})
    assert all(left.valid_to == right.valid_from for left, right in pairwise(periods))
    assert periods[0].valid_from == BORN
    assert periods[-1].valid_to is None
    for asked, _ in changes:
        for attribute in ("name", "parent"):
            last = [number for number, (day, changed) in enumerate(changes) if changed == attribute and day <= asked]
            found = on(periods, asked)
            assert found is not None
            assert found[attribute] == (last[-1] if last else None)
