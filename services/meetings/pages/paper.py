"""Entering a meeting that was held on paper: the whole page of the book in one form, which works without script."""

from datetime import date, time
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response

from services.meetings.domain.cell_month import meeting_day
from services.meetings.domain.meeting import AWAITED
from services.meetings.handlers import read_meeting, regular_id, require_cell, roster_on
from services.meetings.pages import words
from services.meetings.pages.access import may
from services.meetings.pages.forms import typed, typed_again
from services.meetings.pages.paper_form import GUESTS, STATEMENTS, TASKS, About, moment, read_page, rows
from services.meetings.pages.people import office_holders, people_of
from services.meetings.pages.plan import PeriodQuery, is_holiday
from services.meetings.pages.refused import trouble_of
from services.meetings.pages.room import View, title_of
from services.meetings.paper import enter
from services.meetings.views.calendar import of_cell, regular_periods
from shared.auth.http import allow, require_allowed
from shared.auth.model import Actor
from shared.clock import VIETNAM, vietnam_date
from shared.context import Context, Ctx
from shared.events.meetings import MeetingForm, MeetingKind
from shared.events.members import Office
from shared.http import CommandDep
from shared.ids import Id
from shared.organisations import organisation
from shared.refusal import Refused
from shared.web import render, see_other
from shared.web.i18n import _

router = APIRouter(include_in_schema=False)

Recorder = Annotated[Actor, Depends(allow("meeting.record"))]

MONTHS_BACK, YEAR = 24, 12


@router.get("/meetings/paper")
async def paper(
    request: Request,
    ctx: Ctx,
    actor: Recorder,
    cell: Id | None = None,
    period: PeriodQuery = None,
    meeting: Annotated[Id | None, Query(description="A meeting that was planned here, instead of a month.")] = None,
) -> Response:
    if cell is None and meeting is None:
        return RedirectResponse("/meetings", 303)  # where one chooses the cell
    given = {"cell": cell or "", "period": period or "", "meeting": meeting or ""}
    about = await _about(ctx, actor, given)
    if about.planned is not None and about.planned.phase not in AWAITED:
        return RedirectResponse(f"/meetings/{about.planned.meeting}", 303)
    return await _show(request, ctx, actor, about, View())


@router.post("/meetings/paper")
async def enter_paper(request: Request, ctx: Ctx, actor: Recorder, command: CommandDep) -> Response:
    """Record what was typed; or, when more rows are asked for, only show the form again with them."""
    again = await typed_again(request)
    about = await _about(ctx, actor, again)
    if again.get("more"):
        return await _show(request, ctx, actor, about, View("", None, again))
    try:
        given = await typed(request)
        if given.get("confirmed"):
            await require_allowed(ctx, actor, "meeting.conclude", about.cell)
        on_roll = await roster_on(ctx, about.cell, vietnam_date(moment(given, "opened")))
        roster = {entry.member: entry.exempt for entry in on_roll}
        appended = await enter(ctx, read_page(about, given, roster, ctx.clock()), command)
    except Refused as refusal:
        return await _show(request, ctx, actor, about, View("", trouble_of(refusal, "paper", again), again))
    meeting = (appended.answer or {})["meeting"]
    return see_other(f"/meetings/{meeting}/minutes", message=_("Đã ghi kỳ sinh hoạt từ sổ giấy."), at=str(appended.at))


async def _about(ctx: Context, actor: Actor, given: dict[str, str]) -> About:
    """Raises `Forbidden`, and `Refused` for what is no cell; 404 for a meeting that nobody planned."""
    planned, cell, period = None, given.get("cell", ""), given.get("period", "")
    if given.get("meeting"):
        planned, version = await read_meeting(ctx, given["meeting"])
        if version == 0:
            raise HTTPException(404)
        cell, period = planned.cell, planned.period
    await require_allowed(ctx, actor, "meeting.record", cell)
    await require_cell(ctx, cell)
    if planned is None and period not in _periods(ctx):
        recorded = await regular_periods(ctx.pool, cell)
        period = next((month for month in _periods(ctx)[:YEAR] if month not in recorded), _periods(ctx)[0])
    if planned is None and given.get("kind", MeetingKind.REGULAR) == MeetingKind.REGULAR:
        regular, _version = await read_meeting(ctx, regular_id(cell, period))
        planned = regular if regular.phase in AWAITED else None
    return About(cell, period, planned, named=bool(given.get("meeting")))


async def _show(request: Request, ctx: Context, actor: Actor, about: About, view: View) -> Response:
    cell = await organisation(ctx.pool, about.cell)
    day = _proposed_day(ctx, about, cell.fixed_meeting_day if cell else None)
    roster = {entry.member: entry for entry in await roster_on(ctx, about.cell, _typed_day(view) or day)}
    people = await people_of(ctx, about.cell)
    offices = await office_holders(ctx, about.cell)
    last = await of_cell(ctx.pool, about.cell, limit=1)
    started = last[0].opened_at or last[0].planned_at if last else None
    place = about.planned.place if about.planned else last[0].place if last else ""
    return render(
        request,
        "meetings/paper.html",
        status=view.trouble.status if view.trouble else 200,
        title=_("Nhập kỳ đã họp từ sổ giấy"),
        back=f"/meetings?cell={about.cell}",
        back_label=_("Các kỳ sinh hoạt"),
        about=about,
        about_title=title_of(about.planned) if about.planned else "",
        cell_name=cell.name if cell else "",
        months=_periods(ctx, about.period),
        recorded=await regular_periods(ctx.pool, about.cell),
        day=day.isoformat(),
        latest=vietnam_date(ctx.clock()).isoformat(),
        opened=(started.astimezone(VIETNAM).time() if started else time(14)).strftime("%H:%M"),
        place=place,
        chair=offices.get(Office.CELL_SECRETARY, ""),
        taker=offices.get(Office.MINUTE_TAKER) or offices.get(Office.DEPUTY_SECRETARY) or "",
        roster=roster,
        people=people.in_order(roster),
        kinds=[(kind.value, words.KINDS[kind]) for kind in MeetingKind],
        forms=[(form.value, words.FORMS[form]) for form in MeetingForm],
        reasons=[str(reason) for reason in words.REASONS],
        statements=rows(view.typed, STATEMENTS),
        tasks=rows(view.typed, TASKS),
        guests=rows(view.typed, GUESTS),
        may=await may(ctx, actor, about.cell),
        view=view,
    )


def _proposed_day(ctx: Context, about: About, fixed_day: int | None) -> date:
    """The day the meeting was to be: that of the plan, or the cell's fixed one; never one to come."""
    today = vietnam_date(ctx.clock())
    if about.planned is not None and about.planned.planned_at is not None:
        return min(vietnam_date(about.planned.planned_at), today)
    first = date.fromisoformat(f"{about.period}-01")
    return min(meeting_day(about.period, fixed_day, is_holiday) or first, today)


def _typed_day(view: View) -> date | None:
    try:
        return date.fromisoformat(view.was("day"))
    except ValueError:
        return None


def _periods(ctx: Context, also: str = "") -> list[str]:
    """The months a page may be of, latest first."""
    today = vietnam_date(ctx.clock())
    number = today.year * 12 + today.month - 1
    found = {f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(number - MONTHS_BACK + 1, number + 1)}
    return sorted(found | ({also} if also else set()), reverse=True)
