"""Events of the notifications service. Stream ``notification:<id>``, partition key the organisation it is about."""

from pydantic import AwareDatetime

from shared.events.base import Event
from shared.events.members import Office
from shared.ids import Id


class NotificationRaised(Event):
    """A rule found something a person should know; ``rule`` and ``params`` make the text, in the reader's language.

    It is for whoever holds one of ``audience`` when it is read or sent: a cell's offices in the organisation itself,
    a committee's offices in the organisation's parent. So a successor in office finds what the predecessor was told.
    """

    notification: Id
    rule: str
    organisation: Id
    audience: tuple[Office, ...]
    params: dict[str, str]
    link: str
    raised_at: AwareDatetime


class NotificationRead(Event):
    """One of those it is for has read it."""

    notification: Id
    organisation: Id
    account: Id
    read_at: AwareDatetime
