"""Supervision as JSON: rows of a wall, sums, months, timelines, remarks."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from services.inspection.domain.month import COUNTERS
from services.inspection.pages.address import Address, cursor_of
from services.inspection.remarking import REMARKING, remark_on
from services.inspection.supervision import known, known_cell, supervised, supervised_cell
from services.inspection.views.remarks import REMARKS, remarks_of
from services.inspection.views.wall import WALL
from services.inspection.views.wall.rows import Only, Sort, Wanted, cell_rows, rows_of
from services.inspection.views.wall.sums import periods_of, sums_of
from services.inspection.views.wall.timeline import timeline_of
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.context import Ctx
from shared.eventlog import MOST_PARTITIONS
from shared.events.meetings import Period
from shared.events.members import Sector
from shared.http import (
    CommandDep,
    Cursor,
    Done,
    Limit,
    Malformed,
    Month,
    Page,
    Readable,
    decode_cursor,
    done,
    encode_cursor,
    read_instant,
)
from shared.ids import Id
from shared.vietnam import period_of, vietnam_date

router = APIRouter(prefix="/inspection/api/v1", tags=["supervision"])

Reader = Annotated[Actor, Depends(allow("supervision.read", supervised))]
CellReader = Annotated[Actor, Depends(allow("supervision.record", supervised_cell))]
Year = Annotated[int, Query(ge=2000, le=2100, examples=[2026])]
At = Annotated[str | None, Query(description="A position to wait for, as a command answered it.")]

COUNTS = Field(
    description=f"Numbers that add up over cells and months: {', '.join(COUNTERS)}. Attendance is of regular meetings.",
    examples=[{"held": 1, "late": 0, "missed": 0, "due": 22, "present": 20, "spoke": 12, "unsent": 1}],
)


class MonthOut(BaseModel):
    period: Period = Field(examples=["2026-11"])
    counts: dict[str, int] = COUNTS
    meeting: Id | None = Field(description="The regular meeting of the month, once it was held.")
    open_meeting: Id | None
    held_on: date | None
    entry: str | None = Field(description="live, paper or simulated", examples=["live"])


class RowOut(BaseModel):
    cell: Id
    name: str = Field(examples=["Chi bộ bản Phiêng Lơi"])
    sector: str = Field(examples=["village"])
    members: int = Field(examples=[22])
    counts: dict[str, int] = COUNTS
    last_met: date | None
    months: list[MonthOut] = Field(description="Months of which something is recorded.")


class SumOut(BaseModel):
    period: Period = Field(examples=["2026-11"])
    cells_due: int = Field(examples=[19], description="Cells that had to meet in the month, and any that met besides.")
    counts: dict[str, int] = COUNTS


class SumsOut(BaseModel):
    organisation: Id
    name: str = Field(examples=["Đảng bộ xã Thanh Minh"])
    cells: int = Field(examples=[19])
    members: int = Field(examples=[229])
    months: list[SumOut]


class HappeningOut(BaseModel):
    position: str = Field(examples=["meetings.2.4711"])
    period: Period
    meeting: Id | None
    kind: str = Field(examples=["closed"])
    happened_at: datetime
    recorded_at: datetime
    entry: str = Field(examples=["paper"])
    detail: dict[str, Any]


class RemarkIn(BaseModel):
    period: Month = Field(examples=["2026-10"])
    meeting: Id | None = None
    text: Annotated[str, Readable] = Field(examples=["Biên bản tháng 10 chưa ghi ý kiến của từng đồng chí."])


class RemarkOut(RemarkIn):
    remark: Id
    account: str
    remarked_at: datetime


@router.get("/organisations/{organisation}/wall", summary="Rows of the wall: cells with their months")
async def wall(
    organisation: Id,
    ctx: Ctx,
    _actor: Reader,
    year: Year,
    limit: Limit = 50,
    after: Cursor = None,
    sort: Sort = Sort.NAME,
    only: Only | None = None,
    sector: Sector | None = None,
    name: Annotated[str, Query(max_length=80), Readable] = "",
    at: At = None,
) -> Page[RowOut]:
    await ctx.caught_up(WALL, at)
    address = Address(organisation, year, period_of(vietnam_date(ctx.clock())), sort=sort, after=after)
    wanted = Wanted(year, sort, only, sector.value if sector else None, name, everything=True, limit=limit)
    rows = await cell_rows(ctx.pool, organisation, wanted, address.start())
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        items=[
            RowOut(
                cell=row.place.organisation,
                name=row.place.name,
                sector=row.place.sector,
                members=row.place.members,
                counts=dict(row.year),
                last_met=row.last_met,
                months=[_month(month) for _period, month in sorted(row.months.items())],
            )
            for row in rows[:limit]
        ],
        next=cursor_of(last.key, last.place.organisation) if last else None,
    )


@router.get("/organisations/{organisation}/sums", summary="Sums of all cells under an organisation, month by month")
async def sums(organisation: Id, ctx: Ctx, _actor: Reader, year: Year, at: At = None) -> SumsOut:
    await ctx.caught_up(WALL, at)
    here = await known(ctx, organisation)
    found = (await sums_of(ctx.pool, [organisation], year))[organisation]
    return SumsOut(
        organisation=organisation,
        name=here.name,
        cells=here.cells,
        members=here.members,
        months=[
            SumOut(period=period, cells_due=found[period].cells_due, counts=dict(found[period].counts))
            for period in periods_of(year)
        ],
    )


@router.get("/cells/{cell}/months", summary="The months of one cell")
async def months(cell: Id, ctx: Ctx, _actor: CellReader, year: Year, at: At = None) -> list[MonthOut]:
    await ctx.caught_up(WALL, at)
    await known_cell(ctx, cell)
    (row,) = await rows_of(ctx.pool, cell, [cell], year)
    return [_month(month) for _period, month in sorted(row.months.items())]


@router.get("/cells/{cell}/timeline", summary="What happened in a cell, and when it was recorded")
async def timeline(
    cell: Id, ctx: Ctx, _actor: CellReader, year: Year, limit: Limit = 50, after: Cursor = None, at: At = None
) -> Page[HappeningOut]:
    await ctx.caught_up(WALL, at)
    await known_cell(ctx, cell)
    found = await timeline_of(ctx.pool, cell, year, limit, _key(after))
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=[
            HappeningOut(
                position=f"meetings.{one.partition}.{one.position}",
                **{name: getattr(one, name) for name in HappeningOut.model_fields if name != "position"},
            )
            for one in found[:limit]
        ],
        next=encode_cursor(last.happened_at.isoformat(), last.partition, last.position) if last else None,
    )


@router.get("/cells/{cell}/remarks", summary="What supervisors remarked on a cell's months")
async def remarks(cell: Id, ctx: Ctx, _actor: CellReader, year: Year, at: At = None) -> list[RemarkOut]:
    await ctx.caught_up(REMARKS, at)
    await known_cell(ctx, cell)
    return [
        RemarkOut(**{name: getattr(one, name) for name in RemarkOut.model_fields})
        for one in await remarks_of(ctx.pool, cell, year)
    ]


@router.post("/cells/{cell}/remarks", status_code=201, summary="Remark on a month of a cell")
async def remark(
    cell: Id,
    body: RemarkIn,
    ctx: Ctx,
    command: CommandDep,
    response: Response,
    _actor: Annotated[Actor, Depends(allow("supervision.remark", supervised_cell))],
) -> Done:
    await known_cell(ctx, cell)
    appended = await remark_on(ctx, cell, body.period, body.text, body.meeting, command)
    return done(appended, REMARKING.stream(cell), response)


def _month(month: Any) -> MonthOut:
    named = {name: month[name] for name in ("period", "meeting", "open_meeting", "held_on", "entry")}
    return MonthOut(**named, counts={name: month[name] for name in COUNTERS})


def _key(after: str | None) -> tuple[str, int, int] | None:
    if after is None:
        return None
    match decode_cursor(after, 3):
        case [str(when), int(partition), int(position)] if _is_instant(when) and 0 <= partition < MOST_PARTITIONS:
            return when, partition, position
        case _:
            raise Malformed("after")


def _is_instant(text: str) -> bool:
    try:
        return bool(read_instant(text))
    except ValueError:
        return False
