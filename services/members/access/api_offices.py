"""The offices held in an organisation: who may act for it, with their terms."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from services.members.access.accounts import OFFICES, assign_office, end_office, operates
from services.members.domain.office import AssignOffice, EndOffice
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.clock import vietnam_date
from shared.context import Context, Ctx
from shared.events.members import Office
from shared.http import CommandDep, Day, Done, Readable, done
from shared.ids import Id, new_id
from shared.roster import ROSTER

HELD = "/members/api/v1/organisations/{organisation}/offices"

router = APIRouter(tags=["offices"])


async def organisation_in_path(request: Request, ctx: Context) -> str:
    return str(request.path_params["organisation"])


class AssignBody(BaseModel):
    account: Id
    member: Id | None = None
    office: Office
    from_on: Day
    until_on: Day | None = Field(default=None, description="The first day the office is no longer held.")


class EndBody(BaseModel):
    ended_on: Day = Field(description="The first day the office is no longer held.")
    reason: Annotated[str, Field(min_length=1, max_length=500, examples=["Hết nhiệm kỳ"]), Readable]


class OfficeRow(BaseModel):
    assignment: str
    account: str
    member: str | None
    office: Office
    from_on: date
    until_on: date | None


@router.get(HELD)
async def list_offices(
    organisation: Id,
    ctx: Ctx,
    actor: Annotated[Actor, Depends(allow("organisation.read", organisation_in_path))],
    on: Annotated[Day | None, Query(description="Held on this day; today in Vietnam when absent.")] = None,
    at: Annotated[str | None, Query(description="Wait until this position is seen.")] = None,
) -> list[OfficeRow]:
    """The offices held in one organisation on a day."""
    await ctx.caught_up(ROSTER, at)
    rows = await ctx.pool.fetch(
        "SELECT assignment, account, member, office, from_on, until_on FROM view_roster.office"
        " WHERE organisation = $1 AND from_on <= $2 AND (until_on IS NULL OR until_on > $2)"
        " ORDER BY office, from_on, assignment",
        organisation,
        on or vietnam_date(ctx.clock()),
    )
    return [OfficeRow(**dict(row)) for row in rows]


@router.post(HELD, status_code=201)
async def assign(
    organisation: Id,
    body: AssignBody,
    ctx: Ctx,
    command: CommandDep,
    actor: Annotated[Actor, Depends(allow("office.assign", organisation_in_path))],
    response: Response,
) -> Done:
    """Assign an office for a term; ``answer.assignment`` is its id. It counts from the holder's next renewal on."""
    by_operator = await operates(ctx, actor, organisation)
    order = AssignOffice(new_id(), organisation, **body.model_dump(), by_operator=by_operator)
    appended = await assign_office(ctx, order, command)
    return done(appended, OFFICES.stream(organisation), response)


@router.post(HELD + "/{assignment}/end")
async def end(
    organisation: Id,
    assignment: Id,
    body: EndBody,
    ctx: Ctx,
    command: CommandDep,
    actor: Annotated[Actor, Depends(allow("office.assign", organisation_in_path))],
    response: Response,
) -> Done:
    """End an office before its term does."""
    by_operator = await operates(ctx, actor, organisation)
    order = EndOffice(assignment, body.ended_on, body.reason, by_operator)
    appended = await end_office(ctx, organisation, order, command)
    return done(appended, OFFICES.stream(organisation), response)
