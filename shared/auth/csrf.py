"""Forms of other sites cannot act for who is logged in here: a token bound to the session, and the request's origin.

The token is ``nonce.hmac(secret, session | nonce)``: every page has another (compression leaks nothing), every one of
the session's is good, and nothing is stored.
"""

import hmac
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from shared.auth.model import Forbidden
from shared.settings import Settings

FIELD: Final = "csrf"
HEADER: Final = "X-CSRF-Token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


class ForeignRequest(Forbidden):
    """The request did not come from one of our own pages, or from a page of another login."""

    def __init__(self) -> None:
        super().__init__("csrf")


def token(settings: Settings, session: str) -> str:
    nonce = token_urlsafe(16)
    return f"{nonce}.{_mac(settings, session, nonce)}"


def is_valid(settings: Settings, session: str, given: str) -> bool:
    nonce, _, mac = given.partition(".")
    return hmac.compare_digest(mac.encode(), _mac(settings, session, nonce).encode())


def _mac(settings: Settings, session: str, nonce: str) -> str:
    secret = b"chibo csrf\0" + settings.service_secret.get_secret_value().encode()
    return hmac.new(secret, f"{session}\0{nonce}".encode(), sha256).hexdigest()


def is_same_origin(request: Request) -> bool:
    """What the browser says of where the request comes from; old browsers and other programs say nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def check(request: Request, settings: Settings, session: str) -> None:
    """Raises `ForeignRequest` for an unsafe request by cookie that no page of this session can have sent."""
    if request.method in SAFE:
        return
    given = request.headers.get(HEADER)
    if given is None and request.headers.get("content-type", "").startswith(FORMS):
        field = (await request.form()).get(FIELD)
        given = field if isinstance(field, str) else None
    if given is None or not is_same_origin(request) or not is_valid(settings, session, given):
        raise ForeignRequest
