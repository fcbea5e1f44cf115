"""The shipped parameter sheet is whole, typed, and every value names its basis."""

from datetime import date

import pytest

from shared.refusal import Refused
from shared.rules import PARAMETERS, Parameter, Share, UnknownRule, check_value, parameter

EVERY = pytest.mark.parametrize("found", PARAMETERS.values(), ids=PARAMETERS.keys())


@EVERY
def test_a_shipped_value_suits_its_parameter_and_names_its_basis(found: Parameter) -> None:
    assert found.vi
    assert found.en
    for span in found.in_force:
        assert found.accepts(span.value)
        assert span.legal_basis


@EVERY
def test_the_spans_of_a_parameter_follow_each_other_without_gap_or_overlap(found: Parameter) -> None:
    for earlier, later in zip(found.in_force, found.in_force[1:], strict=False):
        assert earlier.effective_to is not None
        assert (later.effective_from - earlier.effective_to).days == 1
        assert later.supersedes == earlier.legal_basis
    assert found.in_force[-1].effective_to is None


def test_the_attendance_target_rose_with_the_guidance_of_october_2025() -> None:
    old, new = parameter("meeting.attendance.target_pct").in_force
    assert (old.value, old.effective_to) == (85, date(2025, 10, 27))
    assert (new.value, new.effective_from) == (90, date(2025, 10, 28))


def test_a_misspelt_code_is_named() -> None:
    with pytest.raises(UnknownRule, match=r"meeting\.reprot_up"):
        parameter("meeting.reprot_up.days")


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("meeting.report_up.days", "2"),
        ("meeting.report_up.days", True),
        ("meeting.report_up.days", None),
        ("meeting.report_up.days", -1),
        ("score.bands", 90),
        ("score.bands", []),
        ("vote.special.ratio", "2/3"),
        ("vote.special.ratio", ">=3/2"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(code: str, value: object) -> None:
    with pytest.raises(Refused) as refused:
        check_value(code, value)
    assert refused.value.rule == "rule.value_type"


def test_a_code_nobody_knows_cannot_be_adopted() -> None:
    with pytest.raises(Refused) as refused:
        check_value("meeting.colour", 1)
    assert refused.value.rule == "rule.known_code"


def test_no_last_day_is_a_value_too() -> None:
    check_value("meeting.window.last_day", None)


@pytest.mark.parametrize(
    ("share", "agreed", "base", "met"),
    [
        (">1/2", 11, 22, False),
        (">1/2", 12, 22, True),
        (">=2/3", 14, 21, True),
        (">=2/3", 13, 20, False),
        (">=2/3", 0, 0, False),
    ],
)
def test_more_than_half_and_two_thirds_are_counted_of_the_base_exactly(
    share: str, agreed: int, base: int, met: bool
) -> None:
    assert Share.parse(share).met_by(agreed, base) is met
