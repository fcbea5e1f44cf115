"""A supervisor's remark to a cell on the record of one of its months (indirect supervision, practice 106)."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.events.inspection import RemarkRecorded
from shared.refusal import require
from shared.vietnam import period_of, vietnam_date

MOST_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class RecordRemark:
    """Say something to a cell about one of its months, or about one meeting of it."""

    remark: str
    cell: str
    period: str
    meeting: str | None
    text: str
    at: datetime


Order = RecordRemark


@dataclass(frozen=True, slots=True)
class CellRemarks:
    """The remarks one cell was given."""

    remarks: frozenset[str] = frozenset()


def decide(state: CellRemarks, order: Order) -> list[RemarkRecorded]:
    text = order.text.strip()
    require(bool(text), "remark.says_something")
    require(len(text) <= MOST_CHARACTERS, "remark.short_enough", most=MOST_CHARACTERS, length=len(text))
    require(order.period <= period_of(vietnam_date(order.at)), "remark.month_begun", period=order.period)
    require(order.remark not in state.remarks, "remark.once")
    return [
        RemarkRecorded(
            remark=order.remark,
            cell=order.cell,
            period=order.period,
            meeting=order.meeting,
            text=text,
            remarked_at=order.at,
        )
    ]


def evolve(state: CellRemarks, event: RemarkRecorded) -> CellRemarks:
    return replace(state, remarks=state.remarks | {event.remark})
