"""Facts in a few words, and a wall to apply them to as its subscriptions would."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import asyncpg

from services.inspection.views.wall import WALL
from shared.eventlog import Metadata, Position, Recorded
from shared.events import Event
from shared.events.meetings import (
    Attendance,
    AttendanceRecorded,
    AttendanceStatus,
    CellMonthMissed,
    CorrectionRecorded,
    Entry,
    MeetingClosed,
    MeetingKind,
    MeetingOpened,
    MeetingPlanned,
    MinutesSentUp,
    RosterEntry,
    StatementRecorded,
    Tally,
)
from shared.events.members import (
    OrganisationDissolved,
    OrganisationEstablished,
    OrganisationKind,
    OrganisationMoved,
    Sector,
)
from shared.streams import Changes
from shared.streams.rebuild import make_schema

CHAIR, SCRIBE = "m0", "m1"


def at(period: str, day: int = 10, hour: int = 12) -> datetime:
    return datetime(int(period[:4]), int(period[5:]), day, hour, tzinfo=UTC)


def tally(due: int = 10, present: int = 9, spoke: int = 5) -> Tally:
    return Tally(
        due=due, present=present, excused=due - present, unexcused=0, exempt=0, online=0, guests=0,
        spoke=spoke, statements=spoke, tasks=1,
    )  # fmt: skip


def committee(organisation: str, parent: str | None = None, name: str = "") -> OrganisationEstablished:
    return OrganisationEstablished(
        organisation=organisation,
        parent=parent,
        kind=OrganisationKind.GRASSROOTS_COMMITTEE,
        sector=Sector.VILLAGE,
        name=name or f"Đảng bộ {organisation}",
        effective_on=date(2020, 1, 1),
    )


def cell(
    organisation: str, parent: str, name: str = "", since: date = date(2020, 1, 1), sector: Sector = Sector.VILLAGE
) -> OrganisationEstablished:
    return OrganisationEstablished(
        organisation=organisation,
        parent=parent,
        kind=OrganisationKind.CELL,
        sector=sector,
        name=name or f"Chi bộ {organisation}",
        effective_on=since,
    )


def dissolved(organisation: str, on: date) -> OrganisationDissolved:
    return OrganisationDissolved(organisation=organisation, effective_on=on, decision="2-QĐ")


def moved(organisation: str, parent: str) -> OrganisationMoved:
    return OrganisationMoved(organisation=organisation, parent=parent, effective_on=date(2026, 1, 1), decision="1-QĐ")


def planned(
    meeting: str, cell: str, period: str, kind: MeetingKind = MeetingKind.REGULAR, entry: Entry = Entry.LIVE
) -> MeetingPlanned:
    return MeetingPlanned(
        meeting=meeting, cell=cell, kind=kind, period=period, planned_at=at(period), place="Nhà văn hóa", agenda=(),
        entry=entry,
    )  # fmt: skip


def opened(meeting: str, cell: str, period: str, members: int = 10) -> MeetingOpened:
    return MeetingOpened(
        meeting=meeting, cell=cell, opened_at=at(period), chair=CHAIR, minute_taker=SCRIBE,
        roster=tuple(RosterEntry(member=f"m{n}", official=True) for n in range(members)),
    )  # fmt: skip


def present(meeting: str, cell: str, *members: str) -> AttendanceRecorded:
    return AttendanceRecorded(
        meeting=meeting, cell=cell,
        records=tuple(Attendance(member=member, status=AttendanceStatus.PRESENT) for member in members),
    )  # fmt: skip


def said(meeting: str, cell: str, speaker: str, statement: str) -> StatementRecorded:
    return StatementRecorded(meeting=meeting, cell=cell, statement=statement, item="i", speaker=speaker, text="…")


def closed(
    meeting: str, cell: str, period: str, kind: MeetingKind = MeetingKind.REGULAR, late: bool = False,
    counts: Tally | None = None,
) -> MeetingClosed:  # fmt: skip
    return MeetingClosed(
        meeting=meeting, cell=cell, kind=kind, period=period, opened_at=at(period), closed_at=at(period, hour=14),
        minutes=120, tally=counts or tally(), window_end=at(period).date(), late=late,
    )  # fmt: skip


def sent(meeting: str, cell: str, period: str, on_time: bool = True) -> MinutesSentUp:
    return MinutesSentUp(
        meeting=meeting, cell=cell, sent_at=at(period, 11), due_on=at(period, 12).date(), on_time=on_time
    )


def corrected(meeting: str, cell: str, counts: Tally) -> CorrectionRecorded:
    return CorrectionRecorded(
        meeting=meeting, cell=cell, correction=f"{meeting}-c", subject="attendance", before="9", after="8",
        reason="đếm nhầm", tally=counts,
    )  # fmt: skip


def missed(cell: str, period: str) -> CellMonthMissed:
    end = at(period).date()
    return CellMonthMissed(cell=cell, period=period, window_end=end, noticed_at=at(period) + timedelta(days=1))


def held(meeting: str, cell: str, period: str, kind: MeetingKind = MeetingKind.REGULAR, **closing: Any) -> list[Event]:
    """A meeting from its planning to its end."""
    return [
        planned(meeting, cell, period, kind),
        opened(meeting, cell, period),
        closed(meeting, cell, period, kind, **closing),
    ]


def partition_key(event: Event) -> str:
    """What the owners partition by: the cell, or the organisation."""
    key: str = getattr(event, "cell", None) or event.organisation  # type: ignore[attr-defined]
    return key


@dataclass
class Wall:
    """Applies facts as the subscriptions do: one transaction a batch, positions counted per source and partition."""

    pool: asyncpg.Pool
    partitions: int = 4
    _next: dict[tuple[str, int], Any] = field(default_factory=dict)

    async def prepare(self) -> None:
        async with self.pool.acquire() as connection:
            await make_schema(connection, WALL, WALL.schema)

    def recorded(self, event: Event) -> Recorded[Any]:
        source = event.TYPE.partition(".")[0]
        key = partition_key(event)
        partition = sum(key.encode()) % self.partitions
        position = next(self._next.setdefault((source, partition), count(1)))
        return Recorded(
            at=Position(source, partition, position),
            stream=f"{source}:{key}",
            version=position,
            type=event.TYPE,
            data=event,
            metadata=Metadata(actor="a", correlation="c", key=key),
            recorded_at=datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=position),
        )

    async def has(self, *events: Event) -> None:
        await self.apply([self.recorded(event) for event in events])

    async def apply(self, batch: Sequence[Recorded[Any]]) -> set[str]:
        """Apply one batch; returns the topics of which live pages are told."""
        async with self.pool.acquire() as connection, connection.transaction():
            changes = Changes(connection, WALL.schema)
            for recorded in batch:
                if recorded.type in WALL.handlers:
                    await WALL.handlers[recorded.type](changes, recorded)
            await changes.flush()
        return changes.topics

    async def table(self, name: str, *columns: str) -> set[tuple[Any, ...]]:
        rows = await self.pool.fetch(f"SELECT {', '.join(columns)} FROM view_wall.{name}")
        return {tuple(row) for row in rows}
