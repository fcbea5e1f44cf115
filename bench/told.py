"""What the contenders' load is made of: the demonstration's meetings, as the facts their secretaries' orders make."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

from deploy.local.demo import script, story
from services.meetings.domain.meeting import Meeting, decide, evolve
from shared.eventlog import Command, EventLog, Write
from shared.events import Event
from shared.events.meetings import RosterEntry, RuleBasis
from shared.events.members import OrganisationEstablished
from shared.ids import derived_id

TODAY = date(2026, 11, 22)


def basis(code: str, value: int) -> RuleBasis:
    return RuleBasis(code=code, value=value, legal_basis="bench")


CLOSING = (
    basis("meeting.window.last_day", 10),
    basis("meeting.regular.min_minutes", 90),
    basis("meeting.attendance.target_pct", 80),
)
SENDING = basis("meeting.report_up.days", 3)


def meeting_events(held: story.Held) -> tuple[str, list[Event]]:
    """One meeting of the story as the facts its secretary's orders make."""
    meeting = derived_id("bench", held.cell.id, held.kind, held.period)
    roster = [
        RosterEntry(member=derived_id("bench", held.cell.id, str(number)), official=True)
        for number in range(held.cell.members)
    ]
    state, events = Meeting(), list[Event]()
    now = datetime.combine(TODAY, datetime.min.time(), UTC)
    for order in script.orders(held, meeting, roster, CLOSING, SENDING, now):
        for event in decide(state, order):
            state = evolve(state, event)
            events.append(event)
    return meeting, events


async def establish(members: EventLog) -> None:
    """The organisations of the story."""
    for place in story.places():
        established = OrganisationEstablished(
            organisation=place.id,
            parent=place.parent,
            kind=place.kind,
            sector=place.sector,
            name=place.name,
            country=place.country,
            effective_on=date(2022, 1, 1),
        )
        write = Write(f"organisation:{place.id}", 0, [established])
        await members.append(write, key=place.id, command=Command("bench", "bench"))


def tours() -> Iterator[story.Held]:
    """The story's meetings, over and over, each time ten years earlier: no two are the same."""
    for tour in count():
        for held in story.meetings(TODAY):
            yield replace(held, period=f"{int(held.period[:4]) - 10 * tour}{held.period[4:]}")
