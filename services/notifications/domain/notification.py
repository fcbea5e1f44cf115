"""A notification: raised once, read by each of its readers once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.events import Event
from shared.events.members import Office
from shared.events.notifications import NotificationRaised, NotificationRead
from shared.refusal import require


@dataclass(frozen=True, slots=True)
class Notification:
    organisation: str | None = None  # None: not raised yet
    readers: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Raise:
    """Tell whoever holds one of the audience's offices what a rule found."""

    notification: str
    rule: str
    organisation: str
    audience: tuple[Office, ...]
    params: Mapping[str, str]
    link: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MarkRead:
    """One reader has read it."""

    notification: str
    account: str
    at: datetime


Order = Raise | MarkRead


def decide(state: Notification, order: Order) -> list[Event]:
    match order:
        case Raise():
            if state.organisation is not None:  # the same finding twice tells nobody twice
                return []
            return [
                NotificationRaised(
                    notification=order.notification,
                    rule=order.rule,
                    organisation=order.organisation,
                    audience=order.audience,
                    params=dict(order.params),
                    link=order.link,
                    raised_at=order.at,
                )
            ]
        case MarkRead():
            require(state.organisation is not None, "notification.exists")
            if order.account in state.readers or state.organisation is None:
                return []
            return [
                NotificationRead(
                    notification=order.notification,
                    organisation=state.organisation,
                    account=order.account,
                    read_at=order.at,
                )
            ]


def evolve(state: Notification, event: Event) -> Notification:
    match event:
        case NotificationRaised(organisation=organisation):
            return replace(state, organisation=organisation)
        case NotificationRead(account=account):
            return replace(state, readers=state.readers | {account})
        case _:
            return state
