"""After a form: go to a page that shows it is done, with one line said once."""

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote, unquote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse

COOKIE: Final = "chibo_flash"
Kind = Literal["done", "warn"]


@dataclass(frozen=True, slots=True)
class Message:
    kind: Kind
    text: str


def message_of(request: Request) -> Message | None:
    """What the page before wanted said, if anything."""
    kind, _, text = request.cookies.get(COOKIE, "").partition(":")
    return Message("warn" if kind == "warn" else "done", unquote(text)) if text else None


def local_path(target: str | None, otherwise: str = "/") -> str:
    """``target`` when it is a path of ours, else ``otherwise``: nobody is sent to another host by a link to us."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\") or not target.isprintable():
        return otherwise
    return target


def see_other(path: str, *, message: str = "", kind: Kind = "done", at: str | None = None) -> RedirectResponse:
    """303 to ``path`` of ours, saying ``message`` there; ``at`` is the position the page waits for."""
    if at:
        path += ("&" if "?" in path else "?") + urlencode({"at": at})
    response = RedirectResponse(path, status_code=303)
    if message:
        response.set_cookie(COOKIE, f"{kind}:{quote(message)}", max_age=60, path="/", httponly=True, samesite="lax")
    return response
