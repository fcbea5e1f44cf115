"""Which value holds where and when."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.refusal import Refused
from shared.rules import AdoptedRule, NotInForce, RuleSet, UnknownRule

PATH = ("bloc", "committee", "cell")
CODE = "meeting.window.last_day"
DAY = date(2026, 11, 10)


def adopted(
    organisation: str, value: int | None, since: date = date(2026, 1, 1), until: date | None = None
) -> AdoptedRule:
    return AdoptedRule(organisation, CODE, value, f"QĐ của {organisation}", since, until)


def test_without_an_adopted_rule_the_default_holds_with_its_legal_basis() -> None:
    basis = RuleSet.at(DAY, PATH).basis("meeting.report_up.days")
    assert (basis.value, basis.legal_basis, basis.adopted_by) == (2, "42-HD/BTCTW (28/10/2025)", None)


@pytest.mark.parametrize(("day", "target"), [(date(2025, 10, 27), 85), (date(2025, 10, 28), 90)])
def test_a_meeting_is_judged_by_the_rule_of_its_own_day(day: date, target: int) -> None:
    assert RuleSet.at(day).integer("meeting.attendance.target_pct") == target


def test_the_nearest_ancestor_wins_whatever_was_adopted_later() -> None:
    rules = RuleSet.at(DAY, PATH, [adopted("committee", 10), adopted("bloc", 5, date(2026, 6, 1))])
    assert rules.basis(CODE).adopted_by == "committee"
    assert rules.integer(CODE) == 10


def test_a_rule_of_another_branch_does_not_reach_here() -> None:
    assert RuleSet.at(DAY, PATH, [adopted("other", 3)]).value(CODE) is None


def test_a_committee_may_lift_what_is_set_above_it() -> None:
    assert RuleSet.at(DAY, PATH, [adopted("bloc", 10), adopted("committee", None)]).value(CODE) is None


def test_of_two_adopted_for_the_same_day_the_later_adopted_counts() -> None:
    assert RuleSet.at(DAY, PATH, [adopted("cell", 10), adopted("cell", 12)]).value(CODE) == 12


def test_a_value_of_the_wrong_type_is_not_judged_by() -> None:
    with pytest.raises(Refused):
        RuleSet.at(DAY, PATH, [AdoptedRule("bloc", CODE, "mười", "QĐ", DAY)])


def test_an_unknown_code_and_a_day_before_any_value_are_different_answers() -> None:
    with pytest.raises(UnknownRule):
        RuleSet.at(DAY).value("meeting.colour")
    with pytest.raises(NotInForce):
        RuleSet.at(date(1990, 1, 1)).value("meeting.report_up.days")


def test_a_parameter_that_sets_no_bound_is_not_an_integer() -> None:
    with pytest.raises(TypeError):
        RuleSet.at(DAY).integer(CODE)


def test_a_ratio_is_read_as_a_share() -> None:
    assert RuleSet.at(DAY).share("vote.special.ratio").met_by(2, 3)


rules = st.builds(
    adopted,
    st.sampled_from([*PATH, "other"]),
    st.integers(1, 28) | st.none(),
    st.dates(DAY - timedelta(days=40), DAY + timedelta(days=40)),
    st.none() | st.dates(DAY - timedelta(days=20), DAY + timedelta(days=20)),
)


@given(st.lists(rules, max_size=8))
def test_the_value_is_that_of_the_deepest_organisation_with_one_in_force(given_rules: list[AdoptedRule]) -> None:
    found = RuleSet.at(DAY, PATH, given_rules)
    for organisation in reversed(PATH):
        own = [rule for rule in given_rules if rule.organisation == organisation and rule.covers(DAY)]
        if own:
            latest = max(rule.effective_from for rule in own)
            expected = [rule.value for rule in own if rule.effective_from == latest][-1]
            assert (found.value(CODE), found.basis(CODE).adopted_by) == (expected, organisation)
            return
    assert found.basis(CODE).adopted_by is None
