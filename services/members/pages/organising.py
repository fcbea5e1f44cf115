"""Changing the tree in a browser: establish under an organisation, rename, set the fixed day, move, dissolve."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.members.api.fields import organisation_in_path
from services.members.api.organisations import Dissolution, Establishment, FixedDay, Moving, Renaming
from services.members.domain.organisation import kinds_under
from services.members.pages.forms import NO_TROUBLE, Trouble, Wrong, filled, may, trouble_of, typed
from services.members.pages.register import crumbs
from services.members.pages.words import KINDS, SECTORS
from services.members.register import organisations
from services.members.register.desk import Desk, Register
from services.members.views.directory import committees, node
from shared.auth.http import allow, require_allowed
from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.context import Ctx
from shared.http import CommandDep
from shared.ids import Id
from shared.refusal import require
from shared.web import render, see_other
from shared.web.i18n import _

MANAGE = "organisation.manage"

router = APIRouter(prefix="/members/organisations/{organisation}", include_in_schema=False)

Manager = Annotated[Actor, Depends(allow(MANAGE, organisation_in_path))]


@router.get("/changes")
async def show_changes(request: Request, organisation: Id, desk: Register, actor: Manager) -> Response:
    return await _page(request, desk, actor, organisation)


@router.post("/establish")
async def establish(
    request: Request, organisation: Id, desk: Register, command: CommandDep, actor: Manager
) -> Response:
    given = await typed(request)
    try:
        body = filled(Establishment, {**given, "parent": organisation})
        appended = await organisations.establish(desk, command, **dict(body))
    except Wrong as error:
        return await _page(request, desk, actor, organisation, trouble_of(error, "establish", given))
    return see_other(_home(organisation), message=_("Đã lập tổ chức."), at=str(appended.at))


@router.post("/rename")
async def rename(request: Request, organisation: Id, desk: Register, command: CommandDep, actor: Manager) -> Response:
    given = await typed(request)
    try:
        appended = await organisations.rename(desk, command, organisation, **dict(filled(Renaming, given)))
    except Wrong as error:
        return await _page(request, desk, actor, organisation, trouble_of(error, "rename", given))
    return see_other(_home(organisation), message=_("Đã đổi tên tổ chức."), at=str(appended.at))


@router.post("/fixed-day")
async def set_fixed_day(
    request: Request, organisation: Id, desk: Register, command: CommandDep, actor: Manager
) -> Response:
    given = {"effective_on": desk.today.isoformat(), **await typed(request)}
    try:
        body = FixedDay.model_validate({**given, "day": _number(given.get("day", ""))})
        appended = await organisations.set_fixed_day(desk, command, organisation, **dict(body))
    except Wrong as error:
        return await _page(request, desk, actor, organisation, trouble_of(error, "fixed-day", given))
    return see_other(_home(organisation), message=_("Đã ghi ngày sinh hoạt cố định."), at=str(appended.at))


@router.post("/move")
async def move(
    request: Request, organisation: Id, ctx: Ctx, desk: Register, command: CommandDep, actor: Manager
) -> Response:
    given = await typed(request)
    try:
        body = filled(Moving, given)
        await require_allowed(ctx, actor, MANAGE, body.parent)
        appended = await organisations.move(desk, command, organisation, **dict(body))
    except Wrong as error:
        return await _page(request, desk, actor, organisation, trouble_of(error, "move", given))
    return see_other(_home(organisation), message=_("Đã chuyển tổ chức về cấp trên mới."), at=str(appended.at))


@router.post("/dissolve")
async def dissolve(request: Request, organisation: Id, desk: Register, command: CommandDep, actor: Manager) -> Response:
    """What is dissolved has no page of today: the reader goes on to what stood above it."""
    given = await typed(request)
    try:
        appended = await organisations.dissolve(desk, command, organisation, **dict(filled(Dissolution, given)))
    except Wrong as error:
        return await _page(request, desk, actor, organisation, trouble_of(error, "dissolve", given))
    found = await node(desk.pool, organisation)
    above = found.parent if found else None
    onward = _home(above) if above and await may(desk, actor, "organisation.read", above) else "/members"
    return see_other(onward, message=_("Đã ghi việc giải thể."), at=str(appended.at))


def _number(text: str) -> int | str | None:
    """A form knows only texts, and the body takes a number for a number."""
    return int(text) if text.isascii() and text.isdecimal() else text or None


def _home(organisation: str) -> str:
    return f"/members/organisations/{organisation}"


async def _page(
    request: Request, desk: Desk, actor: Actor, organisation: str, trouble: Trouble = NO_TROUBLE
) -> Response:
    found = await node(desk.pool, organisation)
    require(found is not None, "organisation.known")
    assert found is not None  # `require` raised otherwise
    below = kinds_under(found.kind)
    above = await committees(desk.pool, actor.organisations(*PERMISSIONS[MANAGE]), apart_from=organisation)
    return render(
        request,
        "members/organising.html",
        status=trouble.status,
        title=_("Thay đổi tổ chức"),
        root=found,
        crumbs=await crumbs(desk, actor, organisation),
        below=[(kind.value, str(KINDS[kind])) for kind in reversed(below)],
        sectors=[(sector.value, str(name)) for sector, name in SECTORS.items()],
        parents=[(one.id, one.name) for one in above if found.kind in kinds_under(one.kind) and one.id != found.parent],
        today=desk.today,
        trouble=trouble,
    )
