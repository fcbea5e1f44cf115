"""Events of the notifications service. Stream ``notification:<id>``, partition key the organisation it is about."""

from pydantic import AwareDatetime

from shared.events.base import Event
from shared.ids import Id


class NotificationRaised(Event):
    """A rule found something a person should know; ``rule`` and ``params`` make the text, in the reader's language."""

    notification: Id
    rule: str
    organisation: Id
    account: Id  # who is told
    member: Id | None = None
    params: dict[str, str]
    link: str
    raised_at: AwareDatetime


class NotificationRead(Event):
    notification: Id
    organisation: Id
    account: Id
    read_at: AwareDatetime
