"""Planning a meeting: the date proposes itself from the cell's fixed day, the agenda from the template."""

from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.meetings.domain.cell_month import meeting_day
from services.meetings.domain.meeting import PlanMeeting
from services.meetings.domain.meeting.agenda import REGULAR, THEMATIC
from services.meetings.handlers import identify, plan_meeting
from services.meetings.pages import words
from services.meetings.pages.forms import local, read_moment, typed, typed_again
from services.meetings.pages.refused import trouble_of
from services.meetings.pages.room import View
from services.meetings.views.calendar import of_cell
from shared.auth.http import allow, require_allowed
from shared.auth.model import Actor
from shared.clock import VIETNAM, period_of, vietnam_date
from shared.context import Context, Ctx
from shared.events.meetings import MeetingForm, MeetingKind
from shared.http import CommandDep
from shared.ids import Id
from shared.organisations import organisation
from shared.refusal import Refused, require
from shared.rules import WORKING_DAYS
from shared.web import render, see_other
from shared.web.i18n import _

router = APIRouter(include_in_schema=False)

Planner = Annotated[Actor, Depends(allow("meeting.plan"))]
PeriodQuery = Annotated[str | None, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]

AFTERNOON = time(14, 0)


@router.get("/meetings/plan")
async def plan(
    request: Request, ctx: Ctx, actor: Planner, cell: Id, period: PeriodQuery = None, kind: MeetingKind | None = None
) -> Response:
    await require_allowed(ctx, actor, "meeting.plan", cell)
    given = {"kind": kind.value} if kind else {}
    return await _show(request, ctx, cell, period or period_of(vietnam_date(ctx.clock())), View(typed=given))


@router.post("/meetings/plan")
async def plan_one(request: Request, ctx: Ctx, actor: Planner, command: CommandDep) -> Response:
    given = await typed_again(request)
    cell, period = given.get("cell", ""), given.get("period", "")
    await require_allowed(ctx, actor, "meeting.plan", cell)
    try:
        order = _read(cell, period, await typed(request))
        appended = await plan_meeting(ctx, order, command)
    except Refused as refusal:
        return await _show(request, ctx, cell, period, View("", trouble_of(refusal, "plan", given), given))
    meeting = (appended.answer or {}).get("meeting", order.meeting)
    return see_other(f"/meetings/{meeting}", message=_("Đã lập kế hoạch kỳ sinh hoạt."), at=str(appended.at))


def _read(cell: str, period: str, given: dict[str, str]) -> PlanMeeting:
    require(given.get("kind") in set(MeetingKind) and given.get("form") in set(MeetingForm), "form.has_choice")
    kind, planned_at = MeetingKind(given["kind"]), read_moment(given.get("planned_at", ""))
    # A regular meeting counts for the month it makes up for, whatever its day; any other for its own month.
    month = period if kind is MeetingKind.REGULAR and period else period_of(vietnam_date(planned_at))
    return PlanMeeting(
        meeting=identify(cell, kind, month),
        cell=cell,
        kind=kind,
        period=month,
        planned_at=planned_at,
        place=given.get("place", ""),
        form=MeetingForm(given["form"]),
        theme=given.get("theme") or None,
    )


async def _show(request: Request, ctx: Context, cell: str, period: str, view: View) -> Response:
    found = await organisation(ctx.pool, cell)
    last = await of_cell(ctx.pool, cell, limit=1)
    today = vietnam_date(ctx.clock())
    day = meeting_day(period, found.fixed_meeting_day if found else None, is_holiday) if period else None
    proposed = datetime.combine(max(day or today, today), AFTERNOON, VIETNAM)
    return render(
        request,
        "meetings/plan.html",
        status=view.trouble.status if view.trouble else 200,
        title=_("Lập kế hoạch sinh hoạt"),
        cell=cell,
        cell_name=found.name if found else "",
        fixed_day=found.fixed_meeting_day if found else None,
        moved_for_holiday=bool(day and found and found.fixed_meeting_day and day.day != found.fixed_meeting_day),
        period=period,
        proposed=local(proposed),
        place=last[0].place if last else "",
        kinds=[(kind.value, words.KINDS[kind]) for kind in MeetingKind],
        forms=[(form.value, words.FORMS[form]) for form in MeetingForm],
        agendas=[(words.KINDS[MeetingKind.REGULAR], REGULAR), (words.KINDS[MeetingKind.THEMATIC], THEMATIC)],
        view=view,
    )


def is_holiday(day: date) -> bool:
    """A public holiday, or a day off in its place. A weekend is none: many cells meet on one."""
    special = WORKING_DAYS.special.get(day)
    return special is not None and special.kind != "swapped_in"
