import pytest

from services.members.domain.account import EMPTY, Account, CloseAccount, OpenAccount, Order, decide, evolve
from shared.events.members import AccountClosed, AccountOpened
from shared.refusal import Refused

OPEN = OpenAccount("hoa", "cell-1", "member-1")
CLOSE = CloseAccount(" Chuyển công tác ")


def given(*commands: Order) -> Account:
    state = EMPTY
    for command in commands:
        for event in decide(state, command):
            state = evolve(state, event)
    return state


def refused(state: Account, command: Order) -> str:
    with pytest.raises(Refused) as caught:
        decide(state, command)
    return caught.value.rule


def test_an_account_is_opened_for_an_organisation_without_login_or_password_in_the_log():
    assert decide(EMPTY, OPEN) == [AccountOpened(account="hoa", organisation="cell-1", member="member-1")]
    assert AccountOpened.model_fields.keys() == {"account", "organisation", "member"}


def test_an_account_is_opened_once():
    assert refused(given(OPEN), OPEN) == "account.opened_once"


def test_an_account_is_closed_once_and_with_a_reason():
    opened = given(OPEN)
    assert decide(opened, CLOSE) == [AccountClosed(account="hoa", organisation="cell-1", reason="Chuyển công tác")]
    assert refused(opened, CloseAccount(" ")) == "account.reason_given"
    assert refused(given(OPEN, CLOSE), CLOSE) == "account.open"
    assert refused(EMPTY, CLOSE) == "account.known"
