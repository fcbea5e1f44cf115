"""Where a cell's secretary begins: this month's meeting as the one thing to do, then what is overdue and who lacks."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.meetings.domain.cell_month import window_end
from services.meetings.domain.meeting import Phase
from services.meetings.handlers import sending_basis, window_basis
from services.meetings.pages import words
from services.meetings.pages.access import may
from services.meetings.pages.people import People, people_of
from services.meetings.views import calendar, participation, tasks
from services.meetings.views.calendar import CALENDAR, Entry
from shared.auth.http import allow, require_allowed
from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.clock import period_of, vietnam_date
from shared.context import Context, Ctx
from shared.events.meetings import MeetingKind
from shared.http import Readable
from shared.ids import Id
from shared.organisations import Organisation, organisation, organisations
from shared.web import render
from shared.web.i18n import _

router = APIRouter(include_in_schema=False)

Reader = Annotated[Actor, Depends(allow("meeting.read"))]

MONTHS_SHOWN = 12
CELLS_A_PAGE = 50
RUN = 3  # meetings in a row after which absence or silence is pointed out (meeting.excused_consecutive.max)

_CELLS = """
    SELECT id, name FROM view_organisations.organisation
    WHERE path && $1::text[] AND kind = 'cell' AND dissolved_on IS NULL
        AND ($2 = '' OR name ILIKE '%' || $2 || '%') AND (name, id) > ($3, $4)
    ORDER BY name, id LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one main action of the page."""

    text: str
    href: str


@router.get("/meetings")
async def home(
    request: Request,
    ctx: Ctx,
    actor: Reader,
    cell: Id | None = None,
    at: str | None = None,
    q: Annotated[str, Query(max_length=100), Readable] = "",
    after: Annotated[str, Query(max_length=300), Readable] = "",
) -> Response:
    roots = actor.organisations(*PERMISSIONS["meeting.read"])
    own = [one for one in (await organisations(ctx.pool, roots)).values() if one.is_cell]
    if cell is None and len(own) != 1:
        return await _directory(request, ctx, roots, q, after)
    shown = await organisation(ctx.pool, cell) if cell else own[0]
    await require_allowed(ctx, actor, "meeting.read", shown.id if shown else str(cell))
    if shown is None or not shown.is_cell:
        return await _directory(request, ctx, roots, q, after)
    await ctx.caught_up(CALENDAR, at)
    return await _cell(request, ctx, actor, shown)


async def _directory(request: Request, ctx: Context, roots: list[str], q: str, after: str) -> Response:
    """For whoever looks after many cells: choose one."""
    name, _tab, identity = after.partition("\t")
    rows = await ctx.pool.fetch(_CELLS, roots, q, name, identity, CELLS_A_PAGE + 1)
    page = rows[:CELLS_A_PAGE]
    period = period_of(vietnam_date(ctx.clock()))
    planned = await calendar.of_period(ctx.pool, [row["id"] for row in page], period)
    regular = {entry.cell: entry for entry in planned if entry.kind == MeetingKind.REGULAR}
    return render(
        request,
        "meetings/directory.html",
        title=_("Sinh hoạt của các chi bộ"),
        cells=[(row["id"], row["name"], regular.get(row["id"])) for row in page],
        period=period,
        q=q,
        next=f"{page[-1]['name']}\t{page[-1]['id']}" if len(rows) > CELLS_A_PAGE else "",
        words=words,
    )


async def _cell(request: Request, ctx: Context, actor: Actor, cell: Organisation) -> Response:
    today = vietnam_date(ctx.clock())
    period = period_of(today)
    rights = await may(ctx, actor, cell.id)
    entries = await calendar.of_cell(ctx.pool, cell.id, limit=24)
    this_month = next(
        (e for e in entries if e.period == period and e.kind == MeetingKind.REGULAR and e.phase is not Phase.CANCELLED),
        None,
    )
    end = window_end(period, await window_basis(ctx, cell.id, period))
    first = period_of(today.replace(day=1) - timedelta(days=31 * (MONTHS_SHOWN - 1)))
    missed = await calendar.missed_periods(ctx.pool, cell.id, first)
    people = await people_of(ctx, cell.id)
    return render(
        request,
        "meetings/home.html",
        title=cell.name,
        cell=cell,
        may=rights,
        period=period,
        today=today,
        meeting=this_month,
        next_step=_next_step(cell.id, period, this_month, rights),
        window_end=end,
        open_now=[e for e in entries if e.phase is Phase.OPEN and e != this_month],
        unsent=await _unsent(ctx, cell.id, today),
        missed=missed,
        months=entries[:MONTHS_SHOWN],
        figures=await _figures(ctx, cell.id, today, sum(month >= f"{today.year}-01" for month in missed)),
        lacking=await _lacking(ctx, cell.id, people) if "record" in rights else [],
        tasks=await tasks.of_cell(ctx.pool, cell.id, limit=8, from_on=today - timedelta(days=31)),
        people=people,
        words=words,
    )


def _next_step(cell: str, period: str, meeting: Entry | None, rights: frozenset[str]) -> NextStep | None:
    month = int(period[5:])
    if meeting is None:
        if "plan" not in rights:
            return None
        return NextStep(_("Lập kế hoạch tháng {month}", month=month), f"/meetings/plan?cell={cell}&period={period}")
    room, written = f"/meetings/{meeting.meeting}", f"/meetings/{meeting.meeting}/minutes"
    if "record" not in rights:
        return NextStep(_("Xem kỳ sinh hoạt tháng {month}", month=month), room)
    match meeting.phase:
        case Phase.PLANNED:
            return NextStep(_("Thông báo cho đảng viên"), room)
        case Phase.NOTIFIED:
            return NextStep(_("Vào phòng họp để khai mạc"), room)
        case Phase.OPEN:
            return NextStep(_("Vào phòng họp"), room)
        case Phase.CLOSED:
            return NextStep(_("Ký xác nhận biên bản"), written)
        case Phase.CONFIRMED:
            return NextStep(_("Gửi biên bản lên cấp trên"), written)
        case _:
            return NextStep(_("Xem biên bản"), written)


async def _unsent(ctx: Context, cell: str, today: date) -> list[dict[str, Any]]:
    """Minutes that still have to go up, with how long there is, or how long they are overdue (days)."""
    waiting = []
    for entry in await calendar.unsent(ctx.pool, cell):
        assert entry.closed_at is not None
        limit = (await sending_basis(ctx, cell, entry.closed_at)).value
        due_on = vietnam_date(entry.closed_at) + timedelta(days=limit if isinstance(limit, int) else 0)
        waiting.append({"entry": entry, "due_on": due_on, "overdue": (today - due_on).days})
    return waiting


async def _figures(ctx: Context, cell: str, today: date, missed: int) -> dict[str, int]:
    """The year so far: months met of months that are settled (met or missed), attendance and speaking likewise."""
    row = await ctx.pool.fetchrow(
        """
        SELECT count(DISTINCT period) FILTER (WHERE kind = 'regular') AS regular,
            count(*) FILTER (WHERE kind = 'thematic') AS thematic,
            coalesce(sum(present), 0)::int AS present, coalesce(sum(due), 0)::int AS due,
            coalesce(sum(spoke), 0)::int AS spoke
        FROM view_calendar.meeting WHERE cell = $1 AND closed_at IS NOT NULL AND period LIKE $2
        """,
        cell,
        f"{today.year}-%",
    )
    return {**dict(row), "months": row["regular"] + missed}


async def _lacking(ctx: Context, cell: str, people: People) -> list[tuple[str, str]]:
    """Members to draw in: (name, what the record shows). A hint within the cell, never a mark against anybody."""
    shown = []
    for run in await participation.last_runs(ctx.pool, cell, RUN):
        if run.unexcused == run.of:
            text = _("vắng không lý do {n} kỳ liền", n=run.of)
        elif run.excused == run.of:
            text = _("vắng có lý do {n} kỳ liền", n=run.of)
        elif run.is_quiet:
            text = _("dự mà chưa phát biểu {n} kỳ liền", n=run.of)
        else:
            continue
        shown.append((people[run.member], text))
    return [(person.name, text) for person, text in sorted(shown, key=lambda one: one[0].place_in_roll)]
