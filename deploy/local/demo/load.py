"""Loading the demonstration through the same commands that users' actions go through.

Every command has a key, so a load that was interrupted goes on where it stopped.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from deploy.local.demo import names, script, story
from deploy.local.demo.logins import LOGINS
from deploy.local.demo.story import Held, Place
from services.meetings.daily import notice_missed
from services.meetings.handlers import closing_basis, on_roll, record_meeting, regular_id, sending_basis
from services.members.access import accounts
from services.members.domain.account import OpenAccount
from services.members.domain.member import Person
from services.members.domain.office import AssignOffice
from services.members.register import organisations, rules
from services.members.register.desk import Desk, desk_of
from services.members.register.people import Admission, admit
from shared.clock import vietnam_date
from shared.context import Context
from shared.eventlog import Command, Position
from shared.events.meetings import MeetingKind, RosterEntry, RuleBasis
from shared.events.members import MemberStatus, OrganisationKind
from shared.ids import derived_id
from shared.roster import RosterMember, roster_of
from shared.service import SHARED_VIEWS
from shared.settings import SERVICES
from shared.streams import Policy, View

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

LOADED = Command(actor="system:demo", correlation="demo", key="demo:loaded", fingerprint=b"")
SETTLED_AT_ONCE = 6  # cells that are established side by side
ENTERED_AT_ONCE = 24  # cells whose meetings are entered side by side: what waits for the disk together goes together
PATIENCE = 300.0  # seconds for a view to follow what was loaded, on a busy machine


async def load(contexts: Mapping[str, Context], console: "Console") -> None:
    """Load the demonstration unless it is there; returns when every view shows it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    if await contexts["meetings"].log.find(LOADED) is not None:
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        await _load(contexts, progress)
    await contexts["meetings"].log.append([], key="demo", command=LOADED)


async def _load(contexts: Mapping[str, Context], progress: "Progress") -> None:
    today = vietnam_date(contexts["meetings"].clock())
    await _register(contexts["members"], today, progress)
    await _followed(contexts, "members")
    held = story.meetings(today)
    task = progress.add_task("Sinh hoạt", total=len(held))
    by_cell: dict[str, list[Held]] = defaultdict(list)
    for meeting in held:
        by_cell[meeting.cell.id].append(meeting)
    turns = asyncio.Semaphore(ENTERED_AT_ONCE)
    bases = Bases(contexts["meetings"])

    async def enter(meetings: Sequence[Held]) -> None:
        async with turns:
            for meeting in meetings:
                await _enter(contexts["meetings"], bases, meeting)
                progress.advance(task)

    with contexts["meetings"].relay.held():
        await asyncio.gather(*(enter(meetings) for meetings in by_cell.values()))
    await _followed(contexts, "meetings")
    await notice_missed(contexts["meetings"])
    for service in ("meetings", "notifications"):
        await _followed(contexts, service)


async def _register(ctx: Context, today: date, progress: "Progress") -> None:
    """Organisations, the commune's own rule, members, accounts and offices."""
    desk, since = desk_of(ctx), date(today.year - 4, 1, 1)
    every = story.places()
    task = progress.add_task("Tổ chức và đảng viên", total=len(every))
    above = [place for place in every if place.kind is not OrganisationKind.CELL]
    for place in above:
        await _establish(desk, place, since)
        progress.advance(task)
    turns = asyncio.Semaphore(SETTLED_AT_ONCE)

    async def settle(cell: Place) -> None:
        async with turns:
            await _establish(desk, cell, since)
            await _admit(desk, cell, today)
            progress.advance(task)

    await asyncio.gather(*(settle(cell) for cell in story.cells()))
    await rules.adopt(
        desk,
        _command("window"),
        story.COMMUNE,
        code="meeting.window.last_day",
        value=story.LAST_DAY,
        legal_basis=story.LAST_DAY_BASIS,
        effective_from=since,
    )
    for login in LOGINS:
        member = None if login.member is None else member_id(login.organisation, login.member)
        await accounts.open_account(
            ctx, OpenAccount(login.account, login.organisation, member), login.name, _command(f"account:{login.name}")
        )
        await accounts.set_password(ctx, login.account, login.password)
        order = AssignOffice(
            assignment=derived_id("demo", "office", login.name),
            organisation=login.organisation,
            account=login.account,
            office=login.office,
            from_on=since,
            member=member,
            by_operator=True,
        )
        await accounts.assign_office(ctx, order, _command(f"office:{login.name}"))


async def _establish(desk: Desk, place: Place, since: date) -> None:
    await organisations.establish(
        desk,
        _command(f"establish:{place.id}"),
        parent=place.parent,
        kind=place.kind,
        sector=place.sector,
        name=place.name,
        country=place.country,
        fixed_meeting_day=place.day,
        effective_on=since,
        organisation=place.id,
    )


async def _admit(desk: Desk, cell: Place, today: date) -> None:
    random = Random(cell.id)  # noqa: S311  (a story, not a secret)
    admissions = []
    for number in range(cell.members):
        born_on = names.birth_date(random, today)
        official = number < 5 or random.random() > 0.03
        admitted_on = names.admitted_on(random, born_on, today, official=official)
        admissions.append(
            Admission(
                Person(names.full_name(random), born_on.isoformat()),
                MemberStatus.OFFICIAL if official else MemberStatus.PROBATIONARY,
                admitted_on,
                admitted_on + timedelta(days=366) if official else None,
                exempt=number > 4 and random.random() < 0.04,
            )
        )
    ids = [member_id(cell.id, number) for number in range(cell.members)]
    await admit(desk, _command(f"admit:{cell.id}"), cell.id, admissions, ids)


def member_id(cell: str, number: int) -> str:
    """The id of the ``number``-th member on a cell's roll."""
    return derived_id("demo", "member", cell, str(number))


class Bases:
    """What is looked up once for many meetings: the rules, alike here for one committee's cells, and the rolls."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.known: dict[tuple[str | None, date], tuple[tuple[RuleBasis, ...], RuleBasis]] = {}
        self.rolls: dict[str, list[RosterMember]] = {}

    async def of(self, held: Held) -> tuple[tuple[RuleBasis, ...], RuleBasis]:
        """What the closing and what the sending up are judged by."""
        place = (held.cell.parent, vietnam_date(held.opened_at))
        if place not in self.known:
            closing = await closing_basis(self.ctx, held.cell.id, held.period, held.opened_at)
            self.known[place] = closing, await sending_basis(self.ctx, held.cell.id, held.opened_at)
        return self.known[place]

    async def roster(self, held: Held) -> tuple[RosterEntry, ...]:
        """Who was on the roll on the day, the ones who chair and write first."""
        cell = held.cell.id
        if cell not in self.rolls:
            order = {member_id(cell, number): number for number in range(held.cell.members)}
            found = await roster_of(self.ctx.pool, cell, with_former=True)
            self.rolls[cell] = sorted(found, key=lambda member: order[member.member])
        return on_roll(self.rolls[cell], vietnam_date(held.opened_at))


async def _enter(ctx: Context, bases: Bases, held: Held) -> None:
    regular = held.kind is MeetingKind.REGULAR
    meeting = (
        regular_id(held.cell.id, held.period) if regular else derived_id("demo", held.cell.id, held.kind, held.period)
    )
    closing, sending = await bases.of(held)
    orders = script.orders(held, meeting, await bases.roster(held), closing, sending, ctx.clock())
    await record_meeting(ctx, held.cell.id, orders, _command(f"meeting:{meeting}", entry="paper"))


def _command(key: str, entry: str = "live") -> Command:
    return Command(actor="system:demo", correlation="demo", key=f"demo:{key}", fingerprint=key.encode(), entry=entry)


async def _followed(contexts: Mapping[str, Context], source: str) -> None:
    """Wait until every service has what ``source`` recorded: its own views first, then the others'."""
    from deploy.local.embedded import parts_of

    heads = await contexts[source].log.heads()
    for service in SERVICES:
        parts = parts_of(service)
        followers: list[View | Policy] = [*SHARED_VIEWS, *parts.views, *parts.policies]
        for what in followers:
            if source not in what.sources:
                continue
            for partition, position in heads.items():
                at = Position(source, partition, position)
                subscriptions = contexts[service].subscriptions
                if position and not await subscriptions.wait_for(what.name, at, PATIENCE):
                    raise TimeoutError(f"{service}.{what.name} does not follow {source}")
