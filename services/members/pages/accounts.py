"""One login account on its page: whose it is and what it holds; a new password; closing it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, Response

from services.members.access import accounts, passwords
from services.members.api.fields import organisation_in_path
from services.members.domain.account import CloseAccount
from services.members.pages.forms import NO_TROUBLE, Trouble, Wrong, filled, may, trouble_of, typed
from services.members.pages.words import name_of
from services.members.register.desk import Desk, Register
from services.members.register.readings import record_reading
from shared import roster
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.context import Context, Ctx
from shared.http import CommandDep
from shared.ids import Id
from shared.organisations import organisations
from shared.refusal import require
from shared.telemetry.log import get_logger
from shared.web import render, see_other
from shared.web.i18n import _
from shared.web.places import OFFICE_NAMES

log = get_logger(__name__)

router = APIRouter(prefix="/members/organisations/{organisation}/accounts/{account}", include_in_schema=False)

AccountManager = Annotated[Actor, Depends(allow("account.manage", organisation_in_path))]

_TERMS = """
SELECT office, from_on, until_on FROM view_roster.office
WHERE account = $1 AND (until_on IS NULL OR until_on > $2) ORDER BY from_on, office
"""


class Closing(BaseModel):
    """The login name is typed again, so that it is this account and no other that is closed."""

    reason: str = Field(min_length=1, max_length=500)
    confirmed: str = Field(min_length=1, max_length=200)


@router.get("")
async def show(
    request: Request, organisation: Id, account: Id, ctx: Ctx, desk: Register, actor: AccountManager
) -> Response:
    return await _page(request, ctx, desk, actor, organisation, account)


@router.post("/password")
async def reset_password(
    request: Request, organisation: Id, account: Id, ctx: Ctx, desk: Register, actor: AccountManager
) -> Response:
    await _credential(desk, organisation, account)
    require(await accounts.manages(ctx, actor, account), "account.offices_assignable")
    return await with_first_password(request, ctx, actor, organisation, account)


@router.post("/close")
async def close(
    request: Request, organisation: Id, account: Id, ctx: Ctx, desk: Register, command: CommandDep,
    actor: AccountManager,
) -> Response:  # fmt: skip
    given = await typed(request)
    if (answered := await ctx.log.find(command)) is None:
        login = (await _credential(desk, organisation, account))["login"]
        require(await accounts.manages(ctx, actor, account), "account.offices_assignable")
        try:
            body = filled(Closing, given)
            require(passwords.normal_login(body.confirmed) == login, "account.closing_confirmed")
            answered = await accounts.close_account(ctx, account, CloseAccount(body.reason), command)
        except Wrong as error:
            return await _page(request, ctx, desk, actor, organisation, account, trouble_of(error, "close", given))
    return see_other(offices_path(organisation), message=_("Đã đóng tài khoản."), at=str(answered.at))


def offices_path(organisation: str) -> str:
    return f"/members/organisations/{organisation}/offices"


async def with_first_password(
    request: Request, ctx: Context, actor: Actor, organisation: str, account: str
) -> HTMLResponse:
    """The page that shows a new password, once: it is kept nowhere."""
    password = passwords.first_password()
    await accounts.set_password(ctx, account, password)
    log.info("a password was set by another", account=account, by=actor.account)
    return render(
        request,
        "members/first_password.html",
        title=_("Mật khẩu đầu"),
        login=await ctx.pool.fetchval("SELECT login FROM credential WHERE account = $1", account),
        password=password,
        back=offices_path(organisation),
    )


async def _credential(desk: Desk, organisation: str, account: str) -> dict[str, Any]:
    """Raises `Refused` for an account that is closed, or of another organisation."""
    found = await desk.pool.fetchrow(
        "SELECT account, member, login, password_hash IS NOT NULL AS has_password, opened_at FROM credential"
        " WHERE account = $1 AND organisation = $2",
        account,
        organisation,
    )
    require(found is not None, "account.open")
    return dict(found)


async def _page(
    request: Request, ctx: Context, desk: Desk, actor: Actor, organisation: str, account: str,
    trouble: Trouble = NO_TROUBLE,
) -> Response:  # fmt: skip
    credential = await _credential(desk, organisation, account)
    terms = await desk.pool.fetch(_TERMS, account, desk.today)
    return render(
        request,
        "members/account.html",
        status=trouble.status,
        title=credential["login"],
        root=(await organisations(desk.pool, [organisation]))[organisation],
        account=credential,
        name=await _name(desk, actor, organisation, credential["member"]),
        offices=[{**dict(row), "label": OFFICE_NAMES[row["office"]]} for row in terms],
        mine=account == actor.account,
        managed=await accounts.manages(ctx, actor, account),
        sees_place=await may(desk, actor, "organisation.read", organisation),
        trouble=trouble,
    )


async def _name(desk: Desk, actor: Actor, organisation: str, member: str | None) -> str:
    """Of the member whose account it is, for a reader who may see the roll; the reading is written down."""
    if member is None or not await may(desk, actor, "roster.read", organisation):
        return ""
    await record_reading(desk, actor, what="account", cell=organisation, person=member)
    found = await roster.member(desk.pool, member)
    return name_of((await desk.keyring.open_many([(member, found.full_name if found else None)]))[0])
