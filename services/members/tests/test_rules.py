"""A committee adopts a rule for its subtree on a legal basis."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.members.domain.rules import EMPTY, Adopt, decide, evolve
from shared.refusal import Refused

DAY = date(2026, 1, 1)
ADOPT = Adopt("ward", True, "meeting.regular.min_minutes", 120, "05-QĐ/ĐU", DAY, None)


def test_a_rule_is_adopted_once() -> None:
    [adopted] = decide(EMPTY, ADOPT)
    assert decide(evolve(EMPTY, adopted), ADOPT) == []
    assert decide(evolve(EMPTY, adopted), replace(ADOPT, value=100)) != []


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (replace(ADOPT, code="meeting.length"), "rule.known_code"),
        (replace(ADOPT, value="lâu"), "rule.value_type"),
        (replace(ADOPT, legal_basis=" "), "rule.legal_basis_named"),
        (replace(ADOPT, effective_to=DAY - timedelta(days=1)), "rule.ends_after_it_begins"),
        (replace(ADOPT, stands=False), "rule.organisation_stands"),
    ],
)
def test_a_rule_without_its_basis_or_sense_is_refused(command: Adopt, rule: str) -> None:
    with pytest.raises(Refused) as refusal:
        decide(EMPTY, command)
    assert refusal.value.rule == rule
