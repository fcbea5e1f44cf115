"""Logging in and out over JSON, what one's login says, and what other services ask of logins."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from services.members.access.accounts import change_password, log_in, store_of
from shared.auth import cookies
from shared.auth.cookies import Granted
from shared.auth.http import internal, public, signed_in
from shared.auth.login import Login, login_of
from shared.auth.model import Actor, Unauthenticated
from shared.auth.sessions import JWKS_PATH, RENEW_PATH
from shared.context import Context, Ctx

SESSIONS = "/members/api/v1/sessions"

router = APIRouter(tags=["logins"])
internal_router = APIRouter(include_in_schema=False, dependencies=[Depends(internal())])

SignedIn = Annotated[Actor, Depends(signed_in())]


class LoginBody(BaseModel):
    login: str = Field(max_length=200, examples=["bithu.chibo1"])
    password: str = Field(max_length=1000, examples=["một câu dài dễ nhớ"])


class RefreshBody(BaseModel):
    refresh: str = Field(max_length=200, examples=["q1mC6hYyJQh3nGm0bV0p2d3WQw3S0m1k9l8u7t6r5e4"])


class Tokens(BaseModel):
    """``access_token`` goes into ``Authorization: Bearer``; the refresh token is good once and yields the next pair."""

    access_token: str
    token_type: str = Field(default="Bearer")
    expires_in: int = Field(description="Seconds the access token is good for.", examples=[300])
    refresh_token: str


class HeldOfficeBody(BaseModel):
    office: str = Field(examples=["cell_secretary"])
    organisation: str


class Me(BaseModel):
    account: str
    member: str | None
    offices: list[HeldOfficeBody]


class PasswordBody(BaseModel):
    present: str = Field(max_length=1000)
    password: str = Field(max_length=1000)


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def _tokens(ctx: Context, granted: Granted) -> Tokens:
    lifetime = 60 * ctx.settings.login_access_minutes
    return Tokens(access_token=granted.access, expires_in=lifetime, refresh_token=granted.refresh)


@router.post(SESSIONS, status_code=201, dependencies=[Depends(public())])
async def begin_session(request: Request, body: LoginBody, ctx: Ctx) -> Tokens:
    """Log in. Any wrong pair is answered alike; repeated failures have to wait longer and longer."""
    return _tokens(ctx, await log_in(ctx, body.login, body.password, address_of(request)))


@router.post(f"{SESSIONS}/refresh", dependencies=[Depends(public())])
async def renew_session(body: RefreshBody, ctx: Ctx) -> Tokens:
    """The next pair of tokens. A refresh token that is used a second time ends the whole login."""
    granted = await store_of(ctx).renew(body.refresh, ctx.clock())
    if granted is None:
        raise Unauthenticated
    return _tokens(ctx, granted)


@router.delete(f"{SESSIONS}/current", status_code=204)
async def end_session(request: Request, actor: SignedIn, login: Annotated[Login, Depends(login_of)], ctx: Ctx) -> None:
    """Log out: the refresh token is good no more, the access token for its remaining minutes."""
    await store_of(ctx).end(login.claims.session, ctx.clock())
    if login.by_cookie:
        cookies.forget(request.scope, secure=ctx.settings.secure_cookies)


@router.get("/members/api/v1/me")
async def me(actor: SignedIn) -> Me:
    """Who is logged in, and the offices held as the access token knows them."""
    offices = [HeldOfficeBody(office=held.office, organisation=held.organisation) for held in actor.offices]
    return Me(account=actor.account, member=actor.member, offices=offices)


@router.put("/members/api/v1/me/password", status_code=204)
async def change_my_password(request: Request, body: PasswordBody, actor: SignedIn, ctx: Ctx) -> None:
    """Set a new password. All logins end, this one too."""
    await change_password(ctx, actor.account, body.present, body.password, address_of(request))


@internal_router.get(JWKS_PATH)
async def jwks(ctx: Ctx) -> dict[str, Any]:
    return await store_of(ctx).keys.published(ctx.clock())


@internal_router.post(RENEW_PATH)
async def renew_for_service(body: RefreshBody, ctx: Ctx, response: Response) -> dict[str, Any]:
    """A browser's login ran out at another service: 200 with the successor, 401 when it has ended."""
    granted = await store_of(ctx).renew(body.refresh, ctx.clock())
    if granted is None:
        response.status_code = 401
        return {}
    return granted.to_json()
