"""Who holds which office in an organisation, and who can log in for it: assigned, ended, opened."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.members.access import accounts
from services.members.access.api_accounts import OpenBody
from services.members.access.api_offices import AssignBody, EndBody
from services.members.api.fields import organisation_in_path
from services.members.domain.account import OpenAccount
from services.members.domain.office import ASSIGNED_BY_OPERATOR, AssignOffice, EndOffice
from services.members.pages.accounts import offices_path, with_first_password
from services.members.pages.forms import NO_TROUBLE, Trouble, Wrong, filled, may, trouble_of, typed
from services.members.pages.words import by_name, name_of
from services.members.register.desk import Desk, Register
from services.members.register.readings import record_reading
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.context import Context, Ctx
from shared.events.members import Office, OrganisationKind
from shared.http import CommandDep
from shared.ids import Id, new_id
from shared.organisations import Organisation
from shared.organisations import organisation as organisation_of
from shared.refusal import require
from shared.roster import ROSTER, roster_of
from shared.web import render, see_other
from shared.web.i18n import _
from shared.web.places import OFFICE_NAMES

router = APIRouter(prefix="/members/organisations/{organisation}", include_in_schema=False)

Assigner = Annotated[Actor, Depends(allow("office.assign", organisation_in_path))]
AccountManager = Annotated[Actor, Depends(allow("account.manage", organisation_in_path))]

_OF_A_CELL = (Office.CELL_SECRETARY, Office.DEPUTY_SECRETARY, Office.MINUTE_TAKER, Office.MEMBER)
_OF_A_COMMITTEE = (Office.COMMITTEE_OFFICE, Office.INSPECTOR)


@router.get("/offices")
async def show_offices(
    request: Request, organisation: Id, ctx: Ctx, desk: Register, actor: Assigner, at: str | None = None
) -> Response:
    await ctx.caught_up(ROSTER, at)
    return await _page(request, ctx, desk, actor, organisation)


@router.post("/offices")
async def assign(
    request: Request, organisation: Id, ctx: Ctx, desk: Register, command: CommandDep, actor: Assigner
) -> Response:
    given = await typed(request)
    try:
        body = filled(AssignBody, given)
        holder = await ctx.pool.fetchrow(
            "SELECT member FROM credential WHERE account = $1 AND organisation = $2", body.account, organisation
        )
        require(holder is not None, "account.open")
        by_operator = await accounts.operates(ctx, actor, organisation)
        order = AssignOffice(
            new_id(),
            organisation,
            body.account,
            body.office,
            body.from_on,
            body.until_on,
            holder["member"],
            by_operator,
        )
        appended = await accounts.assign_office(ctx, order, command)
    except Wrong as error:
        return await _page(request, ctx, desk, actor, organisation, trouble_of(error, "assign", given))
    return see_other(offices_path(organisation), message=_("Đã phân công chức vụ."), at=str(appended.at))


@router.post("/offices/{assignment}/end")
async def end(
    request: Request, organisation: Id, assignment: Id, ctx: Ctx, desk: Register, command: CommandDep, actor: Assigner
) -> Response:
    given = await typed(request)
    try:
        body = filled(EndBody, given)
        by_operator = await accounts.operates(ctx, actor, organisation)
        order = EndOffice(assignment, body.ended_on, body.reason, by_operator)
        appended = await accounts.end_office(ctx, organisation, order, command)
    except Wrong as error:
        return await _page(request, ctx, desk, actor, organisation, trouble_of(error, f"end-{assignment}", given))
    return see_other(offices_path(organisation), message=_("Đã ghi việc thôi giữ chức vụ."), at=str(appended.at))


@router.post("/accounts")
async def open_account(
    request: Request, organisation: Id, ctx: Ctx, desk: Register, command: CommandDep, actor: AccountManager
) -> Response:
    """The answer shows the first password, once: it is kept nowhere, so there is no page to be sent on to."""
    given = await typed(request)
    try:
        body = filled(OpenBody, {**given, "organisation": organisation})
        on_roll = body.member is None or body.member in await _who_may_log_in(desk, organisation)
        require(on_roll, "member.known")
        opened = await accounts.open_account(ctx, OpenAccount(new_id(), organisation, body.member), body.login, command)
    except Wrong as error:
        return await _page(request, ctx, desk, actor, organisation, trouble_of(error, "open", given))
    account = (opened.answer or {})["account"]
    has_password = await ctx.pool.fetchval(
        "SELECT password_hash IS NOT NULL FROM credential WHERE account = $1", account
    )
    if has_password:  # the form was sent twice: what was shown first must stay true
        said = _("Tài khoản này đã mở và mật khẩu đầu đã hiện một lần; nếu chưa kịp ghi, xin đặt lại mật khẩu.")
        return see_other(offices_path(organisation), message=said, kind="warn", at=str(opened.at))
    return await with_first_password(request, ctx, actor, organisation, account)


async def _page(
    request: Request, ctx: Context, desk: Desk, actor: Actor, organisation: str, trouble: Trouble = NO_TROUBLE
) -> Response:
    found = await organisation_of(desk.pool, organisation)
    require(found is not None, "organisation.known")
    assert found is not None  # `require` raised otherwise
    by_operator = await accounts.operates(ctx, actor, organisation)
    names = await _names(desk, actor, found)
    logins = await desk.pool.fetch(
        "SELECT account, member, login, password_hash IS NOT NULL AS has_password, opened_at FROM credential"
        " WHERE organisation = $1 ORDER BY login",
        organisation,
    )
    opened = [{**dict(row), "name": names.get(row["member"], "")} for row in logins]
    with_account = {row["member"] for row in logins}
    return render(
        request,
        "members/offices.html",
        status=trouble.status,
        title=_("Chức vụ và tài khoản"),
        root=found,
        offices=await _terms(desk, organisation, names, by_operator),
        accounts=opened,
        holders=[(one["account"], " · ".join(filter(None, (one["name"], one["login"])))) for one in opened],
        people=[(id, name) for id, name in names.items() if id not in with_account],
        kinds=[(office.value, str(OFFICE_NAMES[office])) for office in _offered(found, by_operator)],
        may={
            action: await may(desk, actor, action, organisation) for action in ("organisation.read", "account.manage")
        },
        today=desk.today,
        trouble=trouble,
    )


def _offered(organisation: Organisation, by_operator: bool) -> list[Office]:
    own = _OF_A_CELL if organisation.kind is OrganisationKind.CELL else _OF_A_COMMITTEE
    return [*own, *(sorted(ASSIGNED_BY_OPERATOR) if by_operator else ())]


async def _terms(desk: Desk, organisation: str, names: dict[str, str], by_operator: bool) -> list[dict[str, Any]]:
    """The offices held today or to be held; those that are over are in the log."""
    rows = await desk.pool.fetch(
        """
        SELECT o.assignment, o.office, o.from_on, o.until_on, o.member, c.login
        FROM view_roster.office o LEFT JOIN credential c USING (account)
        WHERE o.organisation = $1 AND (o.until_on IS NULL OR o.until_on > $2) ORDER BY o.office, o.from_on
        """,
        organisation,
        desk.today,
    )
    return [
        {
            **dict(row),
            "label": OFFICE_NAMES[row["office"]],
            "name": names.get(row["member"], ""),
            "login": row["login"] or _("tài khoản đã đóng"),
            "mine_to_end": by_operator or row["office"] not in ASSIGNED_BY_OPERATOR,
        }
        for row in rows
    ]


async def _names(desk: Desk, actor: Actor, organisation: Organisation) -> dict[str, str]:
    """Member -> name, by name, for a reader who may see the roll; the reading is written down."""
    is_cell = organisation.kind is OrganisationKind.CELL
    if not is_cell or not await may(desk, actor, "roster.read", organisation.id):
        return {}
    await record_reading(desk, actor, what="roll", cell=organisation.id)
    roll = [one for one in await roster_of(desk.pool, organisation.id) if not one.erased]
    opened = await desk.keyring.open_many([(one.member, one.full_name) for one in roll])
    names = {one.member: name_of(name) for one, name in zip(roll, opened, strict=True)}
    return dict(sorted(names.items(), key=lambda one: by_name(one[1])))


async def _who_may_log_in(desk: Desk, cell: str) -> set[str]:
    """The members an account can be opened for: who is on the roll and was not erased."""
    return {one.member for one in await roster_of(desk.pool, cell) if not one.erased}
