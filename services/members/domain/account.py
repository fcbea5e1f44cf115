"""An account: who can log in, for which organisation. Its login name and password are no facts of the log."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from shared.events.base import Event
from shared.events.members import AccountClosed, AccountOpened
from shared.refusal import require


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Let somebody log in for an organisation; login name and password are kept elsewhere."""

    account: str
    organisation: str
    member: str | None = None


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """End it and every login under it."""

    reason: str


Order = OpenAccount | CloseAccount


@dataclass(frozen=True, slots=True)
class Account:
    id: str | None = None  # None: never opened
    organisation: str = ""
    closed: bool = False


EMPTY: Final = Account()


def decide(state: Account, command: Order) -> Sequence[Event]:
    match command:
        case OpenAccount(account, organisation, member):
            require(state.id is None, "account.opened_once")
            return [AccountOpened(account=account, organisation=organisation, member=member)]
        case CloseAccount(reason):
            require(state.id is not None, "account.known")
            require(not state.closed, "account.open")
            require(reason.strip() != "", "account.reason_given")
            return [AccountClosed(account=str(state.id), organisation=state.organisation, reason=reason.strip())]


def evolve(state: Account, event: Event) -> Account:
    match event:
        case AccountOpened(account=account, organisation=organisation):
            return replace(state, id=account, organisation=organisation)
        case AccountClosed():
            return replace(state, closed=True)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of an account")
