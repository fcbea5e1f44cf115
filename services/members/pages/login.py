"""The door: logging in and out in a browser, and the way to each person's own place."""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from services.members.access.accounts import log_in, store_of
from services.members.access.api_sessions import address_of
from services.members.pages.words import refusal
from shared.auth import cookies
from shared.auth.http import current_actor, public
from shared.auth.login import Login, login_of
from shared.auth.model import Actor
from shared.context import Ctx
from shared.events.members import Office
from shared.refusal import Refused
from shared.web import render
from shared.web.flash import local_path
from shared.web.i18n import _
from shared.web.switch import choose_language

router = APIRouter(include_in_schema=False, dependencies=[Depends(public())])

Reader = Annotated[Actor | None, Depends(current_actor)]

_HOMES: Final = (  # the first office held decides
    ((Office.INSPECTOR, Office.COMMITTEE_OFFICE), "/inspection/wall"),
    ((Office.CELL_SECRETARY, Office.DEPUTY_SECRETARY, Office.MINUTE_TAKER, Office.MEMBER), "/meetings"),
    ((Office.DATA_PROTECTION_OFFICER, Office.OPERATOR), "/members"),
)


def home_of(actor: Actor) -> str:
    return next((path for offices, path in _HOMES if actor.holds(*offices)), "/notifications")


@router.get("/")
async def home(actor: Reader) -> RedirectResponse:
    return RedirectResponse(home_of(actor) if actor else "/login", 303)


@router.get("/login")
async def login_page(request: Request, actor: Reader, next: str = "/") -> Response:
    """The form; who is logged in goes on at once.

    Coming by a link from elsewhere (an e-mail), the browser keeps the refresh cookie back (SameSite=Strict): the page
    then asks for itself once more, from here, and the login is found.
    """
    onward = local_path(next)
    if actor is not None:
        return RedirectResponse(onward, 303)
    if request.headers.get("sec-fetch-site") == "cross-site":
        again = f"/login?next={quote(onward, safe='')}"
        return HTMLResponse(f'<!doctype html><meta http-equiv="refresh" content="0;url={again}">')
    return render(request, "members/login.html", title=_("Đăng nhập"), login="", next=onward, error="")


@router.post("/login")
async def enter(
    request: Request,
    ctx: Ctx,
    login: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    onward = local_path(next)
    try:
        granted = await log_in(ctx, login, password, address_of(request))
    except Refused as refused:
        error, _source, status = refusal(refused)
        title = _("Đăng nhập")
        return render(request, "members/login.html", status=status, title=title, login=login, next=onward, error=error)
    if former := request.cookies.get(cookies.REFRESH):
        await store_of(ctx).end_by_token(former, ctx.clock())
    cookies.keep(request.scope, granted, secure=ctx.settings.secure_cookies)
    return RedirectResponse(onward, 303)


@router.post("/logout")
async def leave(request: Request, ctx: Ctx, login: Annotated[Login | None, Depends(login_of)]) -> RedirectResponse:
    if login is not None:
        await store_of(ctx).end(login.claims.session, ctx.clock())
    cookies.forget(request.scope, secure=ctx.settings.secure_cookies)
    return RedirectResponse("/login", 303)


router.add_api_route("/language", choose_language)
