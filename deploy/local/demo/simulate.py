"""The demonstration stays alive: every few seconds some cell opens, speaks, closes or sends up.

Each step goes through the commands of the meetings service, and says of itself that it is simulated.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from random import Random

import asyncpg

from deploy.local.demo import script, story
from deploy.local.demo.logins import phieng_loi
from deploy.local.demo.story import Place
from services.meetings.domain.meeting import (
    AssignTask,
    CloseMeeting,
    ConfirmMinutes,
    Meeting,
    NotifyMembers,
    OpenMeeting,
    Order,
    Phase,
    PlanMeeting,
    RecordAttendance,
    RecordConclusion,
    RecordStatement,
    SendUp,
)
from services.meetings.domain.meeting.agenda import CONCLUSION, DISCUSSION, item_id
from services.meetings.handlers import (
    carry_out,
    closing_basis,
    plan_meeting,
    read_meeting,
    regular_id,
    roster_on,
    sending_basis,
)
from shared.clock import period_of, vietnam_date
from shared.context import Context
from shared.eventlog import Command, StaleVersion
from shared.events.meetings import Entry, MeetingKind
from shared.ids import derived_id, new_id
from shared.refusal import Refused
from shared.telemetry.log import get_logger

log = get_logger(__name__)

SIDE_BY_SIDE = 3  # meetings that are under way at once
PAUSE = (2.5, 5.0)  # seconds between two steps
EARLIER = timedelta(minutes=95)  # a simulated meeting is said to have begun so long ago: it ends with a usual length

UNFINISHED = """
    SELECT meeting, cell FROM view_calendar.meeting
    WHERE cell = ANY ($1::text[]) AND phase IN ('open', 'closed', 'confirmed') ORDER BY opened_at DESC LIMIT 50
"""


@dataclass
class Simulation:
    """Runs on the meetings service's context; `paused` stops it between two steps."""

    ctx: Context
    random: Random = field(default_factory=lambda: Random())  # noqa: S311  (play, not a secret)
    paused: bool = False
    under_way: dict[str, str] = field(default_factory=dict)  # meeting -> cell
    cells: Sequence[Place] = field(
        default_factory=lambda: [cell for cell in story.cells() if cell.id != phieng_loi()]  # that one is the reader's
    )

    async def run(self) -> None:
        """Until cancelled. What a killed run left open is finished first."""
        await self.take_up()
        while True:
            await asyncio.sleep(self.random.uniform(*PAUSE))
            if self.paused:
                continue
            try:
                await self.step()
            except (Refused, StaleVersion, asyncpg.PostgresError, OSError) as error:
                log.warning("the simulation skips a step", fault=repr(error))

    async def step(self) -> str:
        """One happening in one cell. Returns the meeting."""
        if len(self.under_way) < SIDE_BY_SIDE:
            return await self.begin()
        meeting = self.random.choice(list(self.under_way))
        await self.go_on(meeting, self.under_way[meeting])
        return meeting

    async def take_up(self) -> None:
        rows = await self.ctx.pool.fetch(UNFINISHED, [cell.id for cell in self.cells])
        for row in rows:
            state, _ = await read_meeting(self.ctx, row["meeting"])
            if state.entry is Entry.SIMULATED:
                self.under_way[row["meeting"]] = row["cell"]

    async def begin(self) -> str:
        """A cell that has not met this month holds its regular meeting; when all have, one meets on a theme."""
        now = self.ctx.clock()
        period = period_of(vietnam_date(now - EARLIER))
        busy = set(self.under_way.values())
        cells = [cell for cell in self.cells if cell.id not in busy]
        self.random.shuffle(cells)
        for cell in cells:
            meeting = regular_id(cell.id, period)
            state, _ = await read_meeting(self.ctx, meeting)
            if state.phase is Phase.UNPLANNED:
                return await self._open(cell, meeting, MeetingKind.REGULAR, period, now)
        return await self._open(cells[0], new_id(), MeetingKind.THEMATIC, period, now)

    async def _open(self, cell: Place, meeting: str, kind: MeetingKind, period: str, now: datetime) -> str:
        opened_at = now - EARLIER
        roster = await roster_on(self.ctx, cell.id, vietnam_date(opened_at))
        theme = self.random.choice(script.phrases()["themes"]) if kind is MeetingKind.THEMATIC else None
        place = self.random.choice(script.phrases()["places"])
        plan = PlanMeeting(meeting, cell.id, kind, period, opened_at, place, theme=theme, entry=Entry.SIMULATED)
        await plan_meeting(self.ctx, plan, _command(meeting, "plan"))
        told = NotifyMembers(opened_at, tuple(entry.member for entry in roster))
        opened = OpenMeeting(opened_at, roster[0].member, roster[1].member, roster)
        await carry_out(self.ctx, meeting, cell.id, [told, opened], _command(meeting, "open"))
        self.under_way[meeting] = cell.id
        return meeting

    async def go_on(self, meeting: str, cell: str) -> None:
        state, version = await read_meeting(self.ctx, meeting)
        orders = await self._next(state)
        if orders:
            await carry_out(self.ctx, meeting, cell, orders, _command(meeting, str(version)))
        if not orders or isinstance(orders[-1], SendUp):
            del self.under_way[meeting]

    async def _next(self, meeting: Meeting) -> list[Order]:
        """What comes next in the life of a meeting; nothing when it is over."""
        now, random, said = self.ctx.clock(), self.random, script.phrases()
        match meeting.phase:
            case Phase.OPEN if meeting.uncalled:
                roster = list(meeting.roster.values())
                first = [meeting.roster[meeting.chair], meeting.roster[meeting.minute_taker]]
                rest = [entry for entry in roster if entry not in first]
                return [RecordAttendance(script.roll_call([*first, *rest], 0.92, random))]
            case Phase.OPEN if len(meeting.spoke) < ceil(len(meeting.present) * 0.55):
                speaker = random.choice(sorted(meeting.present - meeting.spoke))
                text = script.fill(random.choice(said["statements"]), meeting.period)
                item = item_id(meeting.meeting, DISCUSSION)
                return [RecordStatement(new_id(), item, speaker, text)]
            case Phase.OPEN if not meeting.conclusions:
                text = script.fill(random.choice(said["conclusions"]), meeting.period)
                task = random.choice(said["tasks"])
                deadline = vietnam_date(now) + timedelta(days=25)
                owner = random.choice(sorted(meeting.present))
                return [
                    RecordConclusion(item_id(meeting.meeting, CONCLUSION), text),
                    AssignTask(new_id(), owner, task["description"], Decimal(task["quantity"]), task["unit"], deadline),
                ]
            case Phase.OPEN if meeting.opened_at is not None:
                basis = await closing_basis(self.ctx, meeting.cell, meeting.period, meeting.opened_at)
                return [CloseMeeting(now, basis)]
            case Phase.CLOSED:
                return [ConfirmMinutes(now)]
            case Phase.CONFIRMED if meeting.closing is not None:
                return [SendUp(now, await sending_basis(self.ctx, meeting.cell, meeting.closing.closed_at))]
            case _:
                return []


def _command(meeting: str, step: str) -> Command:
    key = f"simulation:{meeting}:{step}"
    return Command(
        actor="system:simulation",
        correlation=derived_id("simulation", meeting),
        key=key,
        fingerprint=key.encode(),
        entry="simulated",
    )
