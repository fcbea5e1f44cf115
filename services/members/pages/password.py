"""One's own password, changed in a browser."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from services.members.access.accounts import change_password
from services.members.access.api_sessions import address_of
from services.members.access.passwords import LEAST
from services.members.pages.words import refusal
from shared.auth import cookies
from shared.auth.http import signed_in
from shared.auth.model import Actor
from shared.context import Ctx
from shared.refusal import Refused, require
from shared.web import render, see_other
from shared.web.i18n import _

router = APIRouter(prefix="/members/password", include_in_schema=False)

SignedIn = Annotated[Actor, Depends(signed_in())]
Password = Annotated[str, Form(max_length=1000)]


@router.get("")
async def form(request: Request, actor: SignedIn) -> Response:
    return _form(request)


@router.post("")
async def change(
    request: Request, actor: SignedIn, ctx: Ctx, present: Password = "", password: Password = "", again: Password = ""
) -> Response:
    try:
        require(password == again, "password.typed_alike")
        await change_password(ctx, actor.account, present, password, address_of(request))
    except Refused as refused:
        rule = "password.present_right" if refused.rule == "login.refused" else refused.rule
        return _form(request, Refused(rule, **refused.params))
    cookies.forget(request.scope, secure=ctx.settings.secure_cookies)
    return see_other("/login", message=_("Đã đổi mật khẩu. Xin đăng nhập lại bằng mật khẩu mới."))


def _form(request: Request, refused: Refused | None = None) -> Response:
    error, _source, status = refusal(refused) if refused else ("", "", 200)
    return render(request, "members/password.html", status=status, title=_("Đổi mật khẩu"), error=error, least=LEAST)
