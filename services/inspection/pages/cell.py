"""A cell's page: its numbers year by year, what happened and when it was recorded, remarks from above."""

from datetime import date
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from services.inspection.domain.remark import MOST_CHARACTERS
from services.inspection.pages.shown import shown_cell
from services.inspection.pages.tree import crumbs_of, line_of
from services.inspection.pages.words import ENTRIES, SECTORS, happening_says, rate
from services.inspection.remarking import remark_on
from services.inspection.supervision import known_cell, supervised_cell, supervises
from services.inspection.views.remarks import REMARKS, last_contact, remarks_of
from services.inspection.views.wall import WALL
from services.inspection.views.wall.cells import years_of
from services.inspection.views.wall.places import Place
from services.inspection.views.wall.rows import rows_of
from services.inspection.views.wall.sums import periods_of
from services.inspection.views.wall.timeline import timeline_of
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.context import Context, Ctx
from shared.events.meetings import Period
from shared.http import CommandDep, RuleTexts, cleared, readable
from shared.ids import Id
from shared.refusal import Refused
from shared.vietnam import period_of, vietnam_date
from shared.web import render, see_other
from shared.web.formats import fmt_period
from shared.web.i18n import _, language

router = APIRouter(include_in_schema=False)

TEXTS: Final = RuleTexts(Path(__file__).parents[1] / "refusals.toml")

Reader = Annotated[Actor, Depends(allow("supervision.record", supervised_cell))]


@router.get("/inspection/cells/{cell}")
async def cell_page(
    cell: Id,
    request: Request,
    ctx: Ctx,
    actor: Reader,
    year: Annotated[int | None, Query(ge=2000, le=2100)] = None,
    at: str | None = None,
) -> Response:
    for view in (WALL, REMARKS):
        await ctx.caught_up(view, at)
    return await _page(request, ctx, actor, cell, year)


@router.post("/inspection/cells/{cell}/remarks")
async def remark(
    cell: Id,
    request: Request,
    ctx: Ctx,
    command: CommandDep,
    actor: Annotated[Actor, Depends(allow("supervision.remark", supervised_cell))],
    period: Annotated[Period, Form()],
    text: Annotated[str, Form()] = "",
) -> Response:
    """Record a remark and come back to the cell; one that is refused comes back with its text still there."""
    await known_cell(ctx, cell)
    try:
        appended = await remark_on(ctx, cell, period, readable(text), None, command)
    except Refused as refused:
        return await _page(
            request, ctx, actor, cell, int(period[:4]), refused=refused, typed=cleared(text), typed_period=period
        )
    return see_other(f"/inspection/cells/{cell}?year={period[:4]}", message=_("Đã ghi nhận xét."), at=str(appended.at))


async def _page(
    request: Request,
    ctx: Context,
    actor: Actor,
    cell: str,
    year: int | None,
    refused: Refused | None = None,
    typed: str = "",
    typed_period: str = "",
) -> Response:
    seen = ctx.hub.seen
    here = await known_cell(ctx, cell)
    today = vietnam_date(ctx.clock())
    year = year or today.year
    line = await line_of(ctx.pool, here, supervises(actor))
    contact = await last_contact(ctx.pool, cell)
    present = period_of(today)
    years = await years_of(ctx.pool, cell, present)
    thematic = await _thematic_a_quarter(ctx, cell, today)
    happenings = await timeline_of(ctx.pool, cell, year)
    return render(
        request,
        "inspection/cell.html",
        status=TEXTS[refused.rule].status if refused else 200,
        title=here.name,
        live=f"/inspection/live?organisation={cell}&seen={seen}",
        here=here,
        crumbs=crumbs_of(line),
        sector=str(SECTORS[here.sector]),
        year=year,
        periods=periods_of(year),
        row=shown_cell((await rows_of(ctx.pool, cell, [cell], year))[0], year, period_of(today)),
        years=years,
        unknown={one.year: _gone_by(here, one.year, present) - one.settled for one in years},
        thematic_least={one.year: quarters_due(here, one.year, present) * thematic for one in years},
        months=[
            (period, [one for one in happenings if one.period == period])
            for period in sorted({one.period for one in happenings}, reverse=True)
        ],
        says=happening_says,
        rate=rate,
        entries=ENTRIES,
        remarks=await remarks_of(ctx.pool, cell, year),
        contact_days=None if contact is None else (today - vietnam_date(contact)).days,
        month_choices=[(one, fmt_period(one)) for one in reversed(periods_of(year)) if one <= period_of(today)],
        may_remark=actor.holds(*PERMISSIONS["supervision.remark"]),
        problem=TEXTS[refused.rule].say(language(), refused.params) if refused else "",
        typed=typed,
        typed_period=typed_period,
        most=MOST_CHARACTERS,
    )


def _gone_by(here: Place, year: int, present: str) -> int:
    """Months of the year before the present one in which the cell had to meet, whatever is known of them."""
    return sum(here.is_due(period) for period in periods_of(year) if period < present)


def quarters_due(here: Place, year: int, present: str) -> int:
    """Quarters of the year that have ended and in all of which the cell stood: for each it owes thematic meetings."""
    periods = periods_of(year)
    quarters = [periods[first : first + 3] for first in range(0, 12, 3)]
    return sum(all(here.is_due(period) and period < present for period in quarter) for quarter in quarters)


async def _thematic_a_quarter(ctx: Context, cell: str, day: date) -> int:
    return (await ctx.rules.at(cell, day)).integer("meeting.thematic.per_quarter_min")
