"""What a supervisor may say to a cell about a month."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.inspection.domain.remark import CellRemarks, RecordRemark, decide, evolve
from shared.refusal import Refused

ORDER = RecordRemark(
    remark="r1",
    cell="c1",
    period="2026-10",
    meeting=None,
    text=" Biên bản ghi còn sơ sài. ",
    at=datetime(2026, 11, 2, tzinfo=UTC),
)


@pytest.mark.practice(106)
def test_a_remark_goes_back_to_the_cell_as_it_was_said() -> None:
    (event,) = decide(CellRemarks(), ORDER)
    assert (event.cell, event.period, event.text) == ("c1", "2026-10", "Biên bản ghi còn sơ sài.")


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        (replace(ORDER, text="  "), "remark.says_something"),
        (replace(ORDER, text="a" * 2001), "remark.short_enough"),
        (replace(ORDER, period="2026-12"), "remark.month_begun"),
    ],
)
def test_a_remark_that_says_nothing_too_much_or_too_early_is_refused(order: RecordRemark, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        decide(CellRemarks(), order)
    assert refused.value.rule == rule


def test_the_month_has_begun_when_it_has_in_vietnam() -> None:
    evening = datetime(2026, 11, 30, 18, tzinfo=UTC)
    assert decide(CellRemarks(), replace(ORDER, period="2026-12", at=evening))


def test_a_remark_is_recorded_once() -> None:
    state = evolve(CellRemarks(), decide(CellRemarks(), ORDER)[0])
    with pytest.raises(Refused) as refused:
        decide(state, ORDER)
    assert refused.value.rule == "remark.once"
