"""Members over HTTP: the roll of a cell, one record (whose reading is written down), and the commands on them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from services.members.api.fields import (
    PREFIX,
    At,
    BirthDate,
    Body,
    CellId,
    Decision,
    Email,
    MemberId,
    Name,
    Phone,
    Reason,
    Text,
    cell_in_path,
    cell_of_member,
    example,
    is_erased,
    shown,
)
from services.members.domain.member import PERSONAL, Person
from services.members.register import people
from services.members.register.desk import Register
from services.members.register.people import MEMBER, Admission
from services.members.register.readings import record_reading
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.context import Ctx
from shared.eventlog import Appended
from shared.events.members import MemberStatus
from shared.http import CommandDep, Cursor, Day, Done, IfMatch, Limit, Page, decode_cursor, done, page_of
from shared.ids import Id
from shared.roster import ROSTER, roster_of

router = APIRouter(prefix=PREFIX, tags=["members"])

CellManager = Annotated[Actor, Depends(allow("roster.manage", cell_in_path))]
Manager = Annotated[Actor, Depends(allow("roster.manage", cell_of_member))]


class AdmissionBody(Body):
    model_config = example(
        full_name="Lò Thị Mẫu", birth_date="1962", status="official", admitted_on="1990-05-19",
        official_on="1991-05-19", phone="0900 000 001", address="Bản Mẫu", exempt=False,
    )  # fmt: skip

    full_name: Name
    birth_date: BirthDate | None = None
    phone: Phone | None = None
    email: Email | None = None
    address: Text | None = None
    status: MemberStatus
    admitted_on: Day
    official_on: Day | None = None
    exempt: bool = False


class Correction(Body):
    model_config = example(decision="46-QĐ/ĐU", phone="0900 000 002")
    decision: Decision
    full_name: Name | None = None
    birth_date: BirthDate | None = None
    phone: Phone | None = None
    email: Email | None = None
    address: Text | None = None


class Recognition(Body):
    model_config = example(official_on="2026-11-20", decision="45-QĐ/ĐU")
    official_on: Day
    decision: Decision


class Exemption(Body):
    model_config = example(exempt=True, from_on="2026-11-01", until_on=None, reason="Tuổi cao, sức yếu")
    exempt: bool
    from_on: Day
    until_on: Day | None = None
    reason: Reason


class Leaving(Body):
    model_config = example(left_on="2026-11-20", reason="Chuyển sinh hoạt chính thức")
    left_on: Day
    reason: Reason


class Erasure(Body):
    model_config = example(reason="Theo yêu cầu của chủ thể dữ liệu ngày 01/11/2026")
    reason: Reason


class OnRoll(BaseModel):
    """A member as the roll shows them. ``full_name`` is null when ``erased``, or when the key cannot be had now."""

    member: Id
    full_name: str | None
    erased: bool
    status: MemberStatus
    exempt: bool
    admitted_on: date
    official_on: date | None


class Record(BaseModel):
    """Everything the register holds of a member; personal fields are null when never given or erased."""

    member: Id
    cell: Id
    status: MemberStatus
    admitted_on: date
    official_on: date | None
    left_on: date | None
    exempt: bool
    erased: bool
    full_name: str | None
    birth_date: str | None
    phone: str | None
    email: str | None
    address: str | None


def _done(appended: Appended, member: str, response: Response) -> Done:
    return done(appended, MEMBER.stream(member), response)


@router.post("/cells/{cell}/members", status_code=201, summary="Put a member on the roll of a cell")
async def admit(
    cell: CellId, body: AdmissionBody, desk: Register, command: CommandDep, actor: CellManager, response: Response
) -> Done:
    given = body.model_dump()
    person = Person(**{name: given.pop(name) for name in PERSONAL})
    appended = await people.admit(desk, command, cell, [Admission(person=person, **given)])
    return _done(appended, (appended.answer or {})["members"][0], response)


@router.get("/cells/{cell}/members", summary="The roll of a cell (the reading is written down)")
async def roll(
    cell: CellId,
    ctx: Ctx,
    desk: Register,
    actor: Annotated[Actor, Depends(allow("roster.read", cell_in_path))],
    limit: Limit = 50,
    cursor: Cursor = None,
    at: At = None,
) -> Page[OnRoll]:
    await ctx.caught_up(ROSTER, at)
    after = "" if cursor is None else str(decode_cursor(cursor, 1)[0])
    rows = await roster_of(ctx.pool, cell, after=after, limit=limit + 1)
    await record_reading(desk, actor, what="roll", cell=cell)
    names = await desk.keyring.open_many([(row.member, row.full_name) for row in rows])
    members = [
        OnRoll(
            member=row.member,
            full_name=shown(name),
            erased=is_erased(name),
            status=row.status,
            exempt=row.exempt,
            admitted_on=row.admitted_on,
            official_on=row.official_on,
        )
        for row, name in zip(rows, names, strict=True)
    ]
    return page_of(members, limit, ("member",))


@router.get("/members/{member}", summary="One member's record (the reading is written down)")
async def record(
    member: MemberId,
    desk: Register,
    actor: Annotated[Actor, Depends(allow("roster.read", cell_of_member))],
) -> Record:
    state = await people.member_state(desk, member)
    await record_reading(desk, actor, what="record", cell=state.cell, person=member)
    opened = await desk.keyring.open_fields(member, {name: state.sealed.get(name) for name in PERSONAL})
    return Record(
        member=member,
        cell=state.cell,
        status=state.status,
        admitted_on=state.admitted_on,
        official_on=state.official_on,
        left_on=state.left_on,
        exempt=state.exempt,
        erased=state.erased,
        **{name: shown(text) for name, text in opened.items()},
    )


@router.post("/members/{member}/corrections", summary="Correct a member's file, by decision")
async def correct(
    member: MemberId, body: Correction, desk: Register, command: CommandDep, version: IfMatch, actor: Manager,
    response: Response,
) -> Done:  # fmt: skip
    fields = body.model_dump(exclude={"decision"}, exclude_none=True)
    appended = await people.correct(
        desk, command, member, decision=body.decision, fields=fields, expected_version=version
    )
    return _done(appended, member, response)


@router.post("/members/{member}/recognition", summary="Recognise a probationary member as official")
async def recognise(
    member: MemberId, body: Recognition, desk: Register, command: CommandDep, version: IfMatch, actor: Manager,
    response: Response,
) -> Done:  # fmt: skip
    return _done(
        await people.recognise(desk, command, member, **dict(body), expected_version=version), member, response
    )


@router.post("/members/{member}/exemption", summary="Exempt a member from work and meetings, or end it")
async def exempt(
    member: MemberId, body: Exemption, desk: Register, command: CommandDep, version: IfMatch, actor: Manager,
    response: Response,
) -> Done:  # fmt: skip
    return _done(
        await people.change_exemption(desk, command, member, **dict(body), expected_version=version), member, response
    )


@router.post("/members/{member}/leaving", summary="Record that a member left the roll")
async def leave(
    member: MemberId, body: Leaving, desk: Register, command: CommandDep, version: IfMatch, actor: Manager,
    response: Response,
) -> Done:  # fmt: skip
    return _done(await people.leave(desk, command, member, **dict(body), expected_version=version), member, response)


@router.post("/members/{member}/erasure", summary="Erase a person: the key is destroyed, for ever")
async def erase(
    member: MemberId,
    body: Erasure,
    desk: Register,
    command: CommandDep,
    actor: Annotated[Actor, Depends(allow("person.erase", cell_of_member))],
    response: Response,
) -> Done:
    return _done(await people.erase(desk, command, member, reason=body.reason), member, response)
