"""Events of the inspection service. Stream ``cell-remarks:<cell>``, partition key the cell."""

from pydantic import AwareDatetime

from shared.events.base import Event
from shared.events.meetings import Period
from shared.ids import Id


class RemarkRecorded(Event):
    """A supervisor who read a cell's record of a month says something to the cell (indirect supervision)."""

    remark: Id
    cell: Id
    period: Period
    meeting: Id | None = None
    text: str
    remarked_at: AwareDatetime
