"""One's own record: what the register holds about the reader, how it came to be, and who has read it."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.members.domain.member import PERSONAL
from services.members.pages.words import READ, STATUSES, birth_date, name_of
from services.members.register import people
from services.members.register.desk import Desk, Register
from services.members.register.offices import held_on, terms_of
from services.members.register.readings import seen_by
from shared.auth.http import signed_in
from shared.auth.model import Actor
from shared.clock import vietnam_date
from shared.events import Event
from shared.events.members import (
    ExemptionChanged,
    MemberAdmitted,
    MemberDetailsCorrected,
    MemberLeft,
    MemberRecognisedOfficial,
)
from shared.organisations import organisations
from shared.web import lazy, render
from shared.web.formats import fmt_date
from shared.web.i18n import Lazy, _
from shared.web.places import OFFICE_NAMES

router = APIRouter(prefix="/members", include_in_schema=False)

ROWS: Final = 20
FIELDS: Final[dict[str, Lazy]] = {
    "full_name": lazy("Họ và tên"),
    "birth_date": lazy("Ngày sinh"),
    "phone": lazy("Điện thoại"),
    "email": lazy("Email"),
    "address": lazy("Địa chỉ"),
}


@router.get("/me")
async def my_record(
    request: Request, desk: Register, actor: Annotated[Actor, Depends(signed_in())], before: str = ""
) -> Response:
    if actor.member is None:
        return render(request, "members/me.html", title=_("Hồ sơ của tôi"), member=None)
    state = await people.member_state(desk, actor.member)
    written = await desk.log.read(people.MEMBER.stream(actor.member))
    seen = await seen_by(
        desk,
        actor,
        actor.member,
        state.cell,
        written[0].recorded_at,
        before=int(before) if before.isdecimal() else None,
        limit=ROWS + 1,
    )
    told = [(one.account, one.at, _reading(one.what, one.times)) for one in seen[:ROWS]]
    recorded = [(one.metadata.actor, one.recorded_at, text) for one in written if (text := _told(one.data))]
    opened = await desk.keyring.open_fields(actor.member, {name: state.sealed.get(name) for name in PERSONAL})
    fields = {name: name_of(opened[name]) for name in FIELDS}
    fields["birth_date"] = birth_date(fields["birth_date"])
    return render(
        request,
        "members/me.html",
        title=_("Hồ sơ của tôi"),
        member=state,
        fields=[(label, fields[name]) for name, label in FIELDS.items()],
        cell=(await organisations(desk.pool, [state.cell])).get(state.cell),
        statuses=STATUSES,
        offices=[(OFFICE_NAMES[one.office], one) for one in await terms_of(desk.pool, member=actor.member)],
        history=await _signed(desk, recorded),
        readings=await _signed(desk, told),
        older=seen[ROWS - 1].id if len(seen) > ROWS else None,
        newest=not before,
    )


def _reading(what: str, times: int) -> str:
    said = str(READ.get(what, what))
    return said if times == 1 else _("{what}: {n} lần trong ngày", what=said, n=times)


def _told(event: Event) -> str:
    """What an event did to a record, as its owner reads it; empty for what is not of the record."""
    match event:
        case MemberAdmitted(admitted_on=day, status=status):
            return _("Ghi vào danh sách chi bộ: {status}, vào Đảng {day}", status=STATUSES[status], day=fmt_date(day))
        case MemberDetailsCorrected(decision=decision):
            fields = ", ".join(str(label) for name, label in FIELDS.items() if getattr(event, name) is not None)
            return _("Sửa theo quyết định {decision}: {fields}", decision=decision, fields=fields)
        case MemberRecognisedOfficial(official_on=day, decision=decision):
            return _("Công nhận chính thức từ {day}, quyết định {decision}", day=fmt_date(day), decision=decision)
        case ExemptionChanged(exempt=True, from_on=day, reason=reason):
            return _("Miễn công tác và sinh hoạt từ {day}: {reason}", day=fmt_date(day), reason=reason)
        case ExemptionChanged(from_on=day, reason=reason):
            return _("Hết miễn công tác và sinh hoạt từ {day}: {reason}", day=fmt_date(day), reason=reason)
        case MemberLeft(left_on=day, reason=reason):
            return _("Rời danh sách từ {day}: {reason}", day=fmt_date(day), reason=reason)
        case _:
            return ""


async def _signed(desk: Desk, acts: list[tuple[str, Any, str]]) -> list[dict[str, Any]]:
    """Acts (account, moment, text) with who it was, by the office held on that day."""
    accounts = list({account for account, *_rest in acts})
    terms = await terms_of(desk.pool, accounts)
    rows = await desk.pool.fetch("SELECT account, login FROM credential WHERE account = ANY ($1::text[])", accounts)
    logins = {row["account"]: row["login"] for row in rows}
    signed = []
    for account, at, text in acts:
        term = held_on(terms, account, vietnam_date(at))
        office = [str(OFFICE_NAMES[term.office]), term.organisation_name] if term else []
        by = " · ".join(filter(None, [*office, logins.get(account, "")])) or _("hệ thống")
        signed.append({"at": at, "text": text, "by": by})
    return signed
