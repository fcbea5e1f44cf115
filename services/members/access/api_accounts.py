"""Accounts of an organisation: opened, given a password, closed by its committee office."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from services.members.access.accounts import (
    ACCOUNT,
    close_account,
    manages,
    open_account,
    organisation_of_account,
    set_password,
)
from services.members.domain.account import CloseAccount, OpenAccount
from shared.auth.http import allow, require_allowed
from shared.auth.model import Actor
from shared.context import Context, Ctx
from shared.http import CommandDep, Done, Readable, done
from shared.ids import Id, new_id
from shared.refusal import Refused, require
from shared.telemetry.log import get_logger

log = get_logger(__name__)

MANAGE = "account.manage"
ACCOUNTS = "/members/api/v1/accounts"

router = APIRouter(tags=["accounts"])


async def organisation_in_query(request: Request, ctx: Context) -> str:
    return request.query_params.get("organisation", "")


async def organisation_of(request: Request, ctx: Context) -> str:
    """The organisation of the account in the path; a closed or unknown one is in none. Raises `Refused`."""
    found = await organisation_of_account(ctx, request.path_params["account"])
    if found is None:
        raise Refused("account.open")
    return found


class OpenBody(BaseModel):
    organisation: Id
    login: Annotated[str, Field(min_length=1, max_length=200, examples=["bithu.chibo1"]), Readable]
    member: Id | None = Field(default=None, description="The member whose account it is, if on a roll.")


class CloseBody(BaseModel):
    reason: Annotated[str, Field(min_length=1, max_length=500, examples=["Chuyển công tác"]), Readable]


class FirstPasswordBody(BaseModel):
    password: str = Field(max_length=1000)


class AccountRow(BaseModel):
    account: str
    member: str | None
    login: str
    has_password: bool
    opened_at: datetime


@router.get(ACCOUNTS)
async def list_accounts(
    organisation: Annotated[Id, Query()],
    ctx: Ctx,
    actor: Annotated[Actor, Depends(allow(MANAGE, organisation_in_query))],
) -> list[AccountRow]:
    """The open accounts of one organisation (not of those under it), by login name."""
    rows = await ctx.pool.fetch(
        "SELECT account, member, login, password_hash IS NOT NULL AS has_password, opened_at FROM credential"
        " WHERE organisation = $1 ORDER BY login",
        organisation,
    )
    return [AccountRow(**dict(row)) for row in rows]


@router.post(ACCOUNTS, status_code=201)
async def open_new_account(
    body: OpenBody,
    ctx: Ctx,
    command: CommandDep,
    actor: Annotated[Actor, Depends(allow(MANAGE))],
    response: Response,
) -> Done:
    """Open an account; ``answer.account`` is its id. Nobody can log in with it until a password is set."""
    await require_allowed(ctx, actor, MANAGE, body.organisation)
    order = OpenAccount(new_id(), body.organisation, body.member)
    appended = await open_account(ctx, order, body.login, command)
    opened = appended.answer["account"] if appended.answer else order.account
    return done(appended, ACCOUNT.stream(opened), response)


@router.put(f"{ACCOUNTS}/{{account}}/password", status_code=204)
async def set_first_password(
    account: Id,
    body: FirstPasswordBody,
    ctx: Ctx,
    actor: Annotated[Actor, Depends(allow(MANAGE, organisation_of))],
) -> None:
    """Set the password of another's account. Not kept in the log of facts; whoever was logged in is logged out."""
    require(await manages(ctx, actor, account), "account.offices_assignable")
    await set_password(ctx, account, body.password)
    log.info("a password was set by another", account=account, by=actor.account)


@router.post(f"{ACCOUNTS}/{{account}}/close")
async def close_an_account(
    account: Id,
    body: CloseBody,
    ctx: Ctx,
    command: CommandDep,
    actor: Annotated[Actor, Depends(allow(MANAGE, organisation_of))],
    response: Response,
) -> Done:
    require(await manages(ctx, actor, account), "account.offices_assignable")
    appended = await close_account(ctx, account, CloseAccount(body.reason), command)
    return done(appended, ACCOUNT.stream(account), response)
