"""The supervision wall: the page, and the parts of it that are fetched again when something has changed."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.inspection.pages.address import PAGE_ROWS, Address
from services.inspection.pages.figures import figures_of, signals_of
from services.inspection.pages.shown import shown_again, shown_rows
from services.inspection.pages.tree import crumbs_of, line_of, tree_of
from services.inspection.pages.words import KINDS, ONLY, SECTORS, SORTS, happening_says, signal_says
from services.inspection.supervision import known, supervised, supervises
from services.inspection.views.wall import WALL
from services.inspection.views.wall.places import Place, committees_under, places
from services.inspection.views.wall.rows import Only, Sort
from services.inspection.views.wall.sums import periods_of
from services.inspection.views.wall.timeline import going_on, just_happened
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.context import Context, Ctx
from shared.events.members import Sector
from shared.http import Readable
from shared.ids import Id
from shared.vietnam import period_of, vietnam_date
from shared.web import render
from shared.web.i18n import _

router = APIRouter(include_in_schema=False)

Supervisor = Annotated[Actor, Depends(allow("supervision.read", supervised))]
Year = Annotated[int | None, Query(ge=2000, le=2100)]


async def chosen(
    organisation: Id,
    ctx: Ctx,
    year: Year = None,
    month: Annotated[int | None, Query(ge=1, le=12)] = None,
    sort: Sort = Sort.NAME,
    only: Only | str | None = None,
    sector: Sector | str | None = None,
    name: Annotated[str, Query(max_length=80), Readable] = "",
    cells: str = "",
    after: Annotated[str | None, Query(max_length=512)] = None,
) -> Address:
    """What the address asks for; an empty choice of a form is no choice."""
    today = vietnam_date(ctx.clock())
    return Address(
        organisation,
        year or today.year,
        period_of(today),
        month=month,
        sort=sort,
        only=Only(only) if only in list(Only) else None,
        sector=str(sector) if sector in list(Sector) else None,
        name=name.strip(),
        everything=cells == "all",
        after=after,
    )


Chosen = Annotated[Address, Depends(chosen)]


@router.get("/inspection/wall")
async def first_wall(
    request: Request, ctx: Ctx, actor: Annotated[Actor, Depends(allow("supervision.read"))]
) -> Response:
    """The wall of the organisation the reader supervises; of several, they choose."""
    roots = await places(ctx.pool, supervises(actor))
    if len(roots) == 1:
        return RedirectResponse(f"/inspection/wall/{roots[0].organisation}", status_code=302)
    return render(request, "inspection/roots.html", title=_("Giám sát"), roots=roots)


@router.get("/inspection/wall/{organisation}")
async def wall(request: Request, ctx: Ctx, actor: Supervisor, address: Chosen, at: str | None = None) -> Response:
    seen = ctx.hub.seen
    await ctx.caught_up(WALL, at)
    here = await known(ctx, address.organisation)
    if here.is_cell:
        return RedirectResponse(f"/inspection/cells/{here.organisation}", status_code=302)
    line = await line_of(ctx.pool, here, supervises(actor))
    has_committees = await _has_committees(ctx, address)
    return render(
        request,
        "inspection/wall.html",
        title=here.name,
        wide=True,
        live=f"/inspection/live?organisation={here.organisation}&seen={seen}",
        here=here,
        address=address,
        crumbs=crumbs_of(line),
        shown=await shown_rows(ctx.pool, address, has_committees),
        periods=periods_of(address.year),
        nodes=await tree_of(ctx.pool, line, address),
        pills=_pills(address, has_committees),
        sectors=[(sector, str(name)) for sector, name in SECTORS.items()],
        sorts=[(sort.value, str(name)) for sort, name in SORTS.items()],
        figures=await figures_of(ctx, here, address),
        **await _aside(ctx, here, address),
    )


@router.get("/inspection/wall/{organisation}/rows")
async def rows(
    request: Request,
    ctx: Ctx,
    _actor: Supervisor,
    address: Chosen,
    ids: Annotated[str, Query(max_length=4000), Readable] = "",
) -> Response:
    """The rows named in ``ids`` as they are now; without any, those of the page."""
    if ids:
        shown = await shown_again(ctx.pool, address, ids.split(",")[:PAGE_ROWS])
    else:
        shown = await shown_rows(ctx.pool, address, await _has_committees(ctx, address))
    return render(request, "inspection/rows.html", title="", shown=shown, address=address)


@router.get("/inspection/wall/{organisation}/summary")
async def summary(request: Request, ctx: Ctx, _actor: Supervisor, address: Chosen) -> Response:
    figures = await figures_of(ctx, await known(ctx, address.organisation), address)
    return render(request, "inspection/summary.html", title="", address=address, figures=figures)


@router.get("/inspection/wall/{organisation}/tree")
async def tree(request: Request, ctx: Ctx, actor: Supervisor, address: Chosen) -> Response:
    line = await line_of(ctx.pool, await known(ctx, address.organisation), supervises(actor))
    nodes = await tree_of(ctx.pool, line, address)
    return render(request, "inspection/tree.html", title="", address=address, nodes=nodes)


@router.get("/inspection/wall/{organisation}/just-happened")
async def aside(request: Request, ctx: Ctx, _actor: Supervisor, address: Chosen) -> Response:
    here = await known(ctx, address.organisation)
    return render(request, "inspection/aside.html", title="", address=address, **await _aside(ctx, here, address))


@router.get("/inspection/signals")
async def all_signals(
    request: Request, ctx: Ctx, actor: Annotated[Actor, Depends(allow("supervision.read"))]
) -> Response:
    """Every cell worth a look, of all the reader supervises."""
    today = vietnam_date(ctx.clock())
    roots = await places(ctx.pool, supervises(actor))
    return render(
        request,
        "inspection/signals.html",
        title=_("Dấu hiệu cần xem"),
        groups=[(root, await signals_of(ctx, root, today.year, limit=100)) for root in roots],
        year=today.year,
        signal_says=signal_says,
    )


async def _aside(ctx: Context, here: Place, address: Address) -> dict[str, Any]:
    return {
        "signals": await signals_of(ctx, here, address.year),
        "going": await going_on(ctx.pool, here.organisation),
        "happened": await just_happened(ctx.pool, here.organisation, here.cells),
        "says": happening_says,
        "signal_says": signal_says,
        "kinds": KINDS,
        "today": vietnam_date(ctx.clock()),
        "vietnam_date": vietnam_date,
    }


async def _has_committees(ctx: Context, address: Address) -> bool:
    return bool(await committees_under(ctx.pool, address.organisation, limit=1))


def _pills(address: Address, has_committees: bool) -> dict[str, list[dict[str, Any]]]:
    """Choices as links, each with what is chosen now."""
    present_year = int(address.present[:4])
    levels = (False, _("Theo đảng bộ")), (True, _("Từng chi bộ"))
    return {
        "years": [
            _pill(address, str(year), year == address.year, year=year, month=None)
            for year in sorted({present_year, present_year - 1, present_year - 2, address.year}, reverse=True)
        ],
        "levels": [
            _pill(address, label, everything is (address.everything or address.is_filtered), everything=everything)
            for everything, label in levels
            if has_committees
        ],
        "only": [_pill(address, str(label), only is address.only, only=only) for only, label in ONLY.items()],
    }


def _pill(address: Address, label: str, current: bool, **changes: Any) -> dict[str, Any]:
    return {"label": label, "href": address.to(**changes), "current": current}
