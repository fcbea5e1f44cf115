"""One member's record, what is written into it, and the erasure of a person."""

import unicodedata
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.members.api.fields import cell_of_member
from services.members.api.members import Correction, Erasure, Exemption, Leaving, Recognition
from services.members.domain.member import PERSONAL, Member
from services.members.pages.forms import NO_TROUBLE, Trouble, Wrong, filled, may, trouble_of, typed
from services.members.pages.register import crumbs
from services.members.pages.words import STATUSES, birth_date, name_of
from services.members.register import people
from services.members.register.desk import Desk, Register
from services.members.register.readings import record_reading
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.eventlog import Appended
from shared.http import CommandDep
from shared.ids import Id
from shared.organisations import organisations
from shared.refusal import require
from shared.web import render, see_other
from shared.web.i18n import _

router = APIRouter(prefix="/members/people/{member}", include_in_schema=False)

Manager = Annotated[Actor, Depends(allow("roster.manage", cell_of_member))]
DataProtection = Annotated[Actor, Depends(allow("person.erase", cell_of_member))]


@router.get("")
async def show(
    request: Request, member: Id, desk: Register, actor: Annotated[Actor, Depends(allow("roster.read", cell_of_member))]
) -> Response:
    return await _page(request, desk, actor, member)


@router.post("/corrections")
async def correct(request: Request, member: Id, desk: Register, command: CommandDep, actor: Manager) -> Response:
    """The form begins with what is known: only what was changed in it is corrected."""
    given = await typed(request)
    try:
        body = filled(Correction, given).model_dump(exclude={"decision"}, exclude_none=True)
        known = await _personal(desk, member, await people.member_state(desk, member))
        fields = {name: text for name, text in body.items() if text != known[name]}
        decision = given.get("decision", "")
        appended = await people.correct(desk, command, member, decision=decision, fields=fields)
    except Wrong as error:
        return await _page(request, desk, actor, member, trouble_of(error, "correct", given))
    return _done(member, _("Đã sửa hồ sơ theo quyết định."), appended)


@router.post("/recognition")
async def recognise(request: Request, member: Id, desk: Register, command: CommandDep, actor: Manager) -> Response:
    given = await typed(request)
    try:
        appended = await people.recognise(desk, command, member, **dict(filled(Recognition, given)))
    except Wrong as error:
        return await _page(request, desk, actor, member, trouble_of(error, "recognise", given))
    return _done(member, _("Đã ghi công nhận đảng viên chính thức."), appended)


@router.post("/exemption")
async def exempt(request: Request, member: Id, desk: Register, command: CommandDep, actor: Manager) -> Response:
    given = await typed(request)
    try:
        appended = await people.change_exemption(desk, command, member, **dict(filled(Exemption, given)))
    except Wrong as error:
        return await _page(request, desk, actor, member, trouble_of(error, "exempt", given))
    return _done(member, _("Đã ghi việc miễn công tác và sinh hoạt."), appended)


@router.post("/leaving")
async def leave(request: Request, member: Id, desk: Register, command: CommandDep, actor: Manager) -> Response:
    given = await typed(request)
    try:
        appended = await people.leave(desk, command, member, **dict(filled(Leaving, given)))
    except Wrong as error:
        return await _page(request, desk, actor, member, trouble_of(error, "leave", given))
    return _done(member, _("Đã ghi việc rời danh sách."), appended)


@router.get("/erasure")
async def show_erasure(request: Request, member: Id, desk: Register, actor: DataProtection) -> Response:
    return await _erasure(request, desk, actor, member)


@router.post("/erasure")
async def erase(request: Request, member: Id, desk: Register, command: CommandDep, actor: DataProtection) -> Response:
    """The name is typed again, so that it is this person and no other who is erased."""
    given = await typed(request)
    try:
        body = filled(Erasure, {"reason": given.get("reason", "")})
        state = await people.member_state(desk, member)
        known = await _personal(desk, member, state)
        confirmed = state.erased or _plain(given.get("confirmed", "")) == _plain(known["full_name"])
        require(confirmed, "person.confirmed")
        appended = await people.erase(desk, command, member, reason=body.reason)
    except Wrong as error:
        return await _erasure(request, desk, actor, member, trouble_of(error, "erase", given))
    return see_other(
        f"/members/people/{member}/erasure", message=_("Đã xóa vĩnh viễn dữ liệu cá nhân."), at=str(appended.at)
    )


def _plain(name: str) -> str:
    """A name as two keyboards would both write it."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _done(member: str, message: str, appended: Appended) -> Response:
    return see_other(f"/members/people/{member}", message=message, at=str(appended.at))


async def _personal(desk: Desk, member: str, state: Member) -> dict[str, str]:
    opened = await desk.keyring.open_fields(member, {name: state.sealed.get(name) for name in PERSONAL})
    return {name: _("(đã xóa)") if state.erased else name_of(text) for name, text in opened.items()}


async def _page(request: Request, desk: Desk, actor: Actor, member: str, trouble: Trouble = NO_TROUBLE) -> Response:
    state = await people.member_state(desk, member)
    await record_reading(desk, actor, what="record", cell=state.cell, person=member)
    fields = await _personal(desk, member, state)
    return render(
        request,
        "members/record.html",
        status=trouble.status,
        title=fields["full_name"],
        member=state,
        fields=fields | {"birth_date": birth_date(fields["birth_date"])},
        begun={name: fields[name] if name in state.sealed else "" for name in PERSONAL},
        cell=(await organisations(desk.pool, [state.cell])).get(state.cell),
        crumbs=await crumbs(desk, actor, state.cell),
        statuses=STATUSES,
        may={action: await may(desk, actor, action, state.cell) for action in ("roster.manage", "person.erase")},
        today=desk.today,
        trouble=trouble,
    )


async def _erasure(request: Request, desk: Desk, actor: Actor, member: str, trouble: Trouble = NO_TROUBLE) -> Response:
    state = await people.member_state(desk, member)
    await record_reading(desk, actor, what="record", cell=state.cell, person=member)
    fields = await _personal(desk, member, state)
    return render(
        request,
        "members/erasure.html",
        status=trouble.status,
        title=_("Xóa dữ liệu cá nhân"),
        member=state,
        name=fields["full_name"],
        cell=(await organisations(desk.pool, [state.cell])).get(state.cell),
        trouble=trouble,
    )
