"""Organisations over HTTP: the tree, and the commands that change it."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field, StrictInt

from services.members.api.fields import PREFIX, At, Body, Decision, Name, OrganisationId, example, organisation_in_path
from services.members.register import organisations
from services.members.register.desk import Register
from services.members.register.facts import ORGANISATION
from services.members.views.directory import Node, listed, node, tree
from shared.auth.http import allow, require_allowed
from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.context import Ctx
from shared.events.members import OrganisationKind, Sector
from shared.http import CommandDep, Cursor, Day, Done, IfMatch, Limit, Page, decode_cursor, done, page_of
from shared.ids import Id
from shared.refusal import require

router = APIRouter(prefix=f"{PREFIX}/organisations", tags=["organisations"])

CODE = "^[A-Z]{2}$"
Country = Annotated[str, Field(pattern=CODE, description="ISO 3166-1 alpha-2.")]
# another code is refused by the domain, whose text says what to do
GivenCountry = Annotated[str, Field(description="ISO 3166-1 alpha-2.", json_schema_extra={"pattern": CODE})]

MANAGE = "organisation.manage"
Reader = Annotated[Actor, Depends(allow("organisation.read", organisation_in_path))]
Manager = Annotated[Actor, Depends(allow(MANAGE, organisation_in_path))]


class Establishment(Body):
    model_config = example(
        parent="6f0c2c1e-1f6b-4a56-8a35-0a4f3c9d5a01", kind="cell", sector="village", name="Chi bộ bản Mẫu",
        country="VN", fixed_meeting_day=10, effective_on="2020-05-19",
    )  # fmt: skip

    parent: Id
    kind: OrganisationKind
    sector: Sector
    name: Name
    country: GivenCountry = "VN"
    fixed_meeting_day: StrictInt | None = Field(default=None, description="Day of the month, 1 to 31.")
    effective_on: Day


class Renaming(Body):
    model_config = example(name="Chi bộ bản Mẫu Mới", effective_on="2026-11-01")
    name: Name
    effective_on: Day


class Moving(Body):
    model_config = example(
        parent="6f0c2c1e-1f6b-4a56-8a35-0a4f3c9d5a02", effective_on="2026-07-01", decision="12-QĐ/TU"
    )
    parent: Id
    effective_on: Day
    decision: Decision


class Dissolution(Body):
    model_config = example(effective_on="2026-07-01", decision="20-QĐ/TU")
    effective_on: Day
    decision: Decision


class FixedDay(Body):
    model_config = example(day=10, effective_on="2026-11-01")
    day: StrictInt | None = Field(description="Day of the month, 1 to 31; null: none.")
    effective_on: Day


class Tree(BaseModel):
    """An organisation and what stands directly under it, each with the head counts of its whole subtree."""

    on: date
    root: Node
    children: list[Node]


@router.post("", status_code=201, summary="Establish an organisation")
async def establish(
    body: Establishment,
    ctx: Ctx,
    desk: Register,
    command: CommandDep,
    actor: Annotated[Actor, Depends(allow(MANAGE))],
    response: Response,
) -> Done:
    await require_allowed(ctx, actor, MANAGE, body.parent)
    appended = await organisations.establish(desk, command, **dict(body))
    return done(appended, ORGANISATION.stream((appended.answer or {})["organisation"]), response)


@router.post("/{organisation}/rename", summary="Rename an organisation")
async def rename(
    organisation: OrganisationId, body: Renaming, desk: Register, command: CommandDep, version: IfMatch,
    actor: Manager, response: Response,
) -> Done:  # fmt: skip
    appended = await organisations.rename(desk, command, organisation, **dict(body), expected_version=version)
    return done(appended, ORGANISATION.stream(organisation), response)


@router.post("/{organisation}/move", summary="Move an organisation, with all under it, below another")
async def move(
    organisation: OrganisationId, body: Moving, ctx: Ctx, desk: Register, command: CommandDep, version: IfMatch,
    actor: Manager, response: Response,
) -> Done:  # fmt: skip
    await require_allowed(ctx, actor, MANAGE, body.parent)
    appended = await organisations.move(desk, command, organisation, **dict(body), expected_version=version)
    return done(appended, ORGANISATION.stream(organisation), response)


@router.post("/{organisation}/dissolve", summary="Dissolve an organisation that is empty")
async def dissolve(
    organisation: OrganisationId, body: Dissolution, desk: Register, command: CommandDep, version: IfMatch,
    actor: Manager, response: Response,
) -> Done:  # fmt: skip
    appended = await organisations.dissolve(desk, command, organisation, **dict(body), expected_version=version)
    return done(appended, ORGANISATION.stream(organisation), response)


@router.post("/{organisation}/fixed-day", summary="Set the fixed meeting day")
async def set_fixed_day(
    organisation: OrganisationId, body: FixedDay, desk: Register, command: CommandDep, version: IfMatch,
    actor: Manager, response: Response,
) -> Done:  # fmt: skip
    appended = await organisations.set_fixed_day(desk, command, organisation, **dict(body), expected_version=version)
    return done(appended, ORGANISATION.stream(organisation), response)


@router.get("", summary="Find organisations by kind, sector or country")
async def find(
    ctx: Ctx,
    actor: Annotated[Actor, Depends(allow("organisation.read"))],
    limit: Limit = 50,
    cursor: Cursor = None,
    under: Annotated[Id | None, Query(description="Only in the subtree of this organisation.")] = None,
    kind: OrganisationKind | None = None,
    sector: Sector | None = None,
    country: Country | None = None,
) -> Page[Node]:
    roots = actor.organisations(*PERMISSIONS["organisation.read"])
    after = None if cursor is None else decode_cursor(cursor, 2)
    rows = await listed(
        ctx.pool, roots, under=under, kind=kind, sector=sector, country=country,
        after=None if after is None else (str(after[0]), str(after[1])), limit=limit + 1,
    )  # fmt: skip
    return page_of(rows, limit, ("name", "id"))


@router.get("/{organisation}", summary="One organisation")
async def read(organisation: OrganisationId, ctx: Ctx, actor: Reader, response: Response, at: At = None) -> Node:
    found = await node(ctx.pool, organisation)
    require(found is not None, "organisation.known")
    assert found is not None  # `require` raised otherwise
    version = await ctx.pool.fetchval(
        "SELECT max(version) FROM public.event WHERE stream = $1", ORGANISATION.stream(organisation)
    )
    response.headers["ETag"] = f'"{version}"'
    return found


@router.get("/{organisation}/tree", summary="What stands under it on a day, with head counts")
async def read_tree(
    organisation: OrganisationId,
    ctx: Ctx,
    desk: Register,
    actor: Reader,
    on: Annotated[Day | None, Query(description="The day, today unless given.")] = None,
    at: At = None,
) -> Tree:
    day = on or desk.today
    nodes = await tree(ctx.pool, organisation, day)
    require(bool(nodes), "organisation.known")
    return Tree(on=day, root=nodes[0], children=nodes[1:])
