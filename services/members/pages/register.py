"""The register in a browser: the tree with its head counts, a cell with its roll, one member's record."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from services.members.api.fields import organisation_in_path
from services.members.api.members import AdmissionBody
from services.members.domain.member import PERSONAL, Person
from services.members.pages.forms import may as allowed
from services.members.pages.words import KINDS, SECTORS, STATUSES, by_name, name_of, refusal, wrong_fields
from services.members.register import people
from services.members.register.desk import Desk, Register
from services.members.register.people import Admission
from services.members.register.readings import record_reading
from services.members.views.directory import Node, tree
from shared.auth.http import allow, signed_in
from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.context import Ctx
from shared.http import CommandDep
from shared.ids import Id
from shared.organisations import ORGANISATIONS, ancestors
from shared.organisations import organisations as named
from shared.refusal import Refused, require
from shared.roster import ROSTER, roster_of
from shared.web import render, see_other
from shared.web.i18n import _
from shared.web.places import OFFICE_NAMES

router = APIRouter(prefix="/members", include_in_schema=False)

Manager = Annotated[Actor, Depends(allow("roster.manage", organisation_in_path))]


@router.get("")
async def places(
    request: Request, ctx: Ctx, desk: Register, actor: Annotated[Actor, Depends(signed_in())], at: str | None = None
) -> Response:
    """One's own organisations; whoever has only one goes straight there."""
    await ctx.caught_up(ORGANISATIONS, at)
    roots = await named(desk.pool, actor.organisations(*PERMISSIONS["organisation.read"]))
    guards_data = actor.holds(*PERMISSIONS["person.readings"])
    operates = actor.holds(*PERMISSIONS["office.assign_guards"])
    if len(roots) == 1 and not guards_data and not operates:
        return RedirectResponse(f"/members/organisations/{next(iter(roots))}", 303)
    operated = await named(desk.pool, actor.organisations(*PERMISSIONS["office.assign_guards"]))
    return render(
        request,
        "members/places.html",
        title=_("Tổ chức, đảng viên"),
        roots=sorted(roots.values(), key=lambda one: one.name),
        operated=sorted(operated.values(), key=lambda one: one.name),
        guards_data=guards_data,
        kinds=KINDS,
    )


@router.get("/organisations/{organisation}")
async def show_organisation(
    request: Request,
    organisation: Id,
    ctx: Ctx,
    desk: Register,
    actor: Annotated[Actor, Depends(allow("organisation.read", organisation_in_path))],
    on: str = "",
    at: str | None = None,
) -> Response:
    for view in (ORGANISATIONS, ROSTER):
        await ctx.caught_up(view, at)
    day = _day(on) or desk.today
    nodes = await tree(desk.pool, organisation, day)
    require(bool(nodes), "organisation.known")
    return await _organisation_page(request, desk, actor, nodes, day)


@router.get("/organisations/{organisation}/members/new")
async def new_member(request: Request, organisation: Id, desk: Register, actor: Manager) -> Response:
    return await _admission_form(request, desk, organisation, {}, {})


@router.post("/organisations/{organisation}/members/new")
async def admit(request: Request, organisation: Id, desk: Register, command: CommandDep, actor: Manager) -> Response:
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip() for name in AdmissionBody.model_fields}
    try:
        body = AdmissionBody.model_validate({name: text for name, text in typed.items() if text})
        given = body.model_dump()
        person = Person(**{name: given.pop(name) for name in PERSONAL})
        appended = await people.admit(desk, command, organisation, [Admission(person=person, **given)])
    except ValidationError as error:
        return await _admission_form(request, desk, organisation, typed, wrong_fields(error))
    except Refused as refused:
        return await _admission_form(request, desk, organisation, typed, {}, refused)
    return see_other(
        f"/members/organisations/{organisation}", message=_("Đã ghi đảng viên vào danh sách."), at=str(appended.at)
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _organisation_page(request: Request, desk: Desk, actor: Actor, nodes: list[Node], day: date) -> Response:
    root = nodes[0]
    may = {action: await allowed(desk, actor, action, root.id) for action in _ACTIONS}
    sees_names = may["roster.read"] or may["person.erase"]  # who erases a person must find them
    roll = await _roll(desk, actor, root.id) if root.kind == "cell" and sees_names else []
    return render(
        request,
        "members/organisation.html",
        title=root.name,
        root=root,
        children=nodes[1:],
        roll=roll,
        offices=await _offices(desk, root.id),
        day=day,
        today=desk.today,
        may=may,
        crumbs=await crumbs(desk, actor, root.id),
        kinds=KINDS,
        sectors=SECTORS,
        statuses=STATUSES,
    )


_ACTIONS = ("roster.read", "roster.manage", "roster.import", "organisation.manage", "office.assign", "person.erase")


async def _roll(desk: Desk, actor: Actor, cell: str) -> list[dict[str, Any]]:
    await record_reading(desk, actor, what="roll", cell=cell)
    members = await roster_of(desk.pool, cell)
    names = await desk.keyring.open_many([(one.member, one.full_name) for one in members])
    rows = [{"member": one, "name": name_of(name)} for one, name in zip(members, names, strict=True)]
    return sorted(rows, key=lambda row: by_name(row["name"]))


async def _offices(desk: Desk, organisation: str) -> list[dict[str, Any]]:
    rows = await desk.pool.fetch(
        """
        SELECT o.office, o.from_on, o.until_on, o.member, m.full_name, c.login
        FROM view_roster.office o LEFT JOIN view_roster.member m USING (member)
        LEFT JOIN credential c ON c.account = o.account
        WHERE o.organisation = $1 AND o.from_on <= $2 AND (o.until_on IS NULL OR o.until_on > $2)
        ORDER BY o.office, o.from_on
        """,
        organisation,
        desk.today,
    )
    held = [row for row in rows if row["member"] is not None]
    names = await desk.keyring.open_many([(row["member"], row["full_name"]) for row in held])
    known = {row["member"]: name_of(name) for row, name in zip(held, names, strict=True)}
    return [
        {**dict(row), "office": OFFICE_NAMES[row["office"]], "name": known.get(row["member"], row["login"] or "–")}
        for row in rows
    ]


async def crumbs(desk: Desk, actor: Actor, organisation: str) -> list[dict[str, str]]:
    """From the highest organisation the reader may see down to this one."""
    mine = set(actor.organisations(*PERMISSIONS["organisation.read"]))
    own = (await named(desk.pool, [organisation])).values()
    above = [one for one in await ancestors(desk.pool, organisation) if mine & set(one.path)]
    return [{"label": one.name, "href": f"/members/organisations/{one.id}"} for one in (*above, *own)]


async def _admission_form(
    request: Request, desk: Desk, cell: str, typed: dict[str, str], errors: dict[str, str],
    refused: Refused | None = None,
) -> Response:  # fmt: skip
    found = await named(desk.pool, [cell])
    require(cell in found, "member.cell_known")
    text, source, status = refusal(refused) if refused else ("", "", 422 if errors else 200)
    return render(
        request,
        "members/admission.html",
        status=status,
        title=_("Thêm đảng viên"),
        cell=found[cell],
        typed=typed,
        errors=errors,
        error=text,
        source=source,
        statuses=[(status.value, str(name)) for status, name in STATUSES.items()],
    )
