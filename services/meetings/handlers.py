"""From a request to orders on a stream: the parts of a command that need the database, the rules or the clock."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from services.meetings.domain import cell_month
from services.meetings.domain.cell_month import WINDOW, CellMonth, NoticeMissed
from services.meetings.domain.meeting import Meeting, Order, PlanMeeting, decide, evolve
from shared.clock import vietnam_date
from shared.commands import Aggregate, execute, load
from shared.context import Context
from shared.eventlog import Appended, Command
from shared.events.meetings import MeetingKind, RosterEntry, RuleBasis
from shared.events.members import MemberStatus
from shared.ids import derived_id, new_id
from shared.organisations import organisation
from shared.refusal import Refused, require
from shared.roster import RosterMember, roster_of
from shared.rules import NotInForce, RuleSet

MEETINGS: Aggregate[Meeting, Order] = Aggregate("meeting", Meeting(), decide, evolve)
CELL_MONTHS: Aggregate[CellMonth, NoticeMissed] = Aggregate(
    "cell-month", CellMonth(), cell_month.decide, cell_month.evolve
)

JUDGED_AT_CLOSING = ("meeting.regular.min_minutes", "meeting.attendance.target_pct", "meeting.speaking.share")


def regular_id(cell: str, period: str) -> str:
    """A cell's regular meeting of a month has one id, so that there can be only one, and anybody can look for it."""
    return derived_id("meeting", cell, period)


def identify(cell: str, kind: MeetingKind, period: str) -> str:
    """The id of a meeting about to be planned."""
    return regular_id(cell, period) if kind is MeetingKind.REGULAR else new_id()


async def read_meeting(ctx: Context, meeting: str) -> tuple[Meeting, int]:
    """A meeting as the log has it now, and its version; version 0: there is none."""
    return await load(ctx.log, MEETINGS, meeting)


async def carry_out(
    ctx: Context,
    meeting: str,
    cell: str,
    orders: Sequence[Order],
    command: Command,
    expected_version: int | None = None,
) -> Appended:
    """Decide and append orders on one meeting, all or none. Raises `Refused`, `StaleVersion`, `KeyReused`."""
    now = ctx.clock()
    for order in orders:
        at = getattr(order, "at", None)
        if isinstance(at, datetime):
            require(at <= now, "meeting.not_in_future", at=at)
    return await execute(
        ctx.log,
        MEETINGS,
        meeting,
        orders,
        key=cell,
        command=command,
        expected_version=expected_version,
        answer={"meeting": meeting},
    )


async def plan_meeting(ctx: Context, order: PlanMeeting, command: Command) -> Appended:
    """Plan a meeting of a cell that is on the register; its id comes from `identify`."""
    await require_cell(ctx, order.cell)
    _check_id(order)
    return await carry_out(ctx, order.meeting, order.cell, [order], command)


async def record_meeting(ctx: Context, cell: str, orders: Sequence[Order], command: Command) -> Appended:
    """A whole meeting from the paper book, or of a simulation: all orders in one append, `PlanMeeting` first."""
    first = orders[0]
    if not isinstance(first, PlanMeeting):
        raise TypeError("a recorded meeting begins with its plan")
    _check_id(first)
    return await carry_out(ctx, first.meeting, cell, orders, command)


def _check_id(order: PlanMeeting) -> None:
    if order.kind is MeetingKind.REGULAR and order.meeting != regular_id(order.cell, order.period):
        raise ValueError("the id of a regular meeting is regular_id(cell, period)")


async def require_cell(ctx: Context, cell: str) -> None:
    found = await organisation(ctx.pool, cell)
    require(found is not None and found.is_cell, "meeting.cell_is_on_register")


async def roster_on(ctx: Context, cell: str, day: date) -> tuple[RosterEntry, ...]:
    """Who was on the cell's roll on a day. Exemption is as it is known now."""
    return on_roll(await roster_of(ctx.pool, cell, with_former=True), day)


def on_roll(members: Iterable[RosterMember], day: date) -> tuple[RosterEntry, ...]:
    """Those of a cell's present and former members who were on its roll on ``day``."""
    return tuple(
        RosterEntry(
            member=member.member,
            official=member.official_on <= day if member.official_on else member.status is MemberStatus.OFFICIAL,
            exempt=member.exempt,
        )
        for member in members
        if member.admitted_on <= day and (member.left_on is None or member.left_on > day)
    )


async def window_basis(ctx: Context, cell: str, period: str) -> RuleBasis:
    """The rule of a month's window as in force when the month began: a later one does not change who was late."""
    return _in_force(await ctx.rules.at(cell, date.fromisoformat(f"{period}-01")), WINDOW)


async def closing_basis(ctx: Context, cell: str, period: str, opened_at: datetime) -> tuple[RuleBasis, ...]:
    """What a meeting is judged by when it closes: its month's window, and the cell's rules on the day it opened."""
    rules = await ctx.rules.at(cell, vietnam_date(opened_at))
    return await window_basis(ctx, cell, period), *(_in_force(rules, code) for code in JUDGED_AT_CLOSING)


async def sending_basis(ctx: Context, cell: str, closed_at: datetime) -> RuleBasis:
    """Within how many days minutes go up: the cell's rule on the day the meeting closed."""
    return _in_force(await ctx.rules.at(cell, vietnam_date(closed_at)), "meeting.report_up.days")


def _in_force(rules: RuleSet, code: str) -> RuleBasis:
    try:
        return rules.basis(code)
    except NotInForce as unknown:
        raise Refused("meeting.rules_are_known", day=unknown.day) from unknown


async def notice_month_missed(ctx: Context, cell: str, period: str, last_day: RuleBasis) -> None:
    """Record that a month passed without a regular meeting, unless the log has one, or has this already.

    The log is asked, not a view: after a pause the views may be behind, and nobody is to be called missing wrongly.
    """
    held, _ = await read_meeting(ctx, regular_id(cell, period))
    if held.opened_at is not None:
        return
    identity = f"{cell}:{period}"
    command = Command(
        actor="system:daily",
        correlation=f"missed:{cell}:{period}",
        key=f"missed:{cell}:{period}",
        fingerprint=identity.encode(),
    )
    order = NoticeMissed(cell, period, ctx.clock(), last_day)
    try:
        await execute(ctx.log, CELL_MONTHS, identity, order, key=cell, command=command)
    except Refused as refusal:  # another replica was first, under another key
        if refusal.rule != "cell_month.missed_once":
            raise
