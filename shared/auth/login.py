"""Finds out who sends a request, and renews a login that has run out while its refresh token is still good.

So a form filled in for an hour is not lost: the POST itself renews the login and goes on.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastapi import Request

from shared.auth import cookies, csrf
from shared.auth.keys import KeyCache
from shared.auth.model import Actor
from shared.auth.reader import introduce
from shared.auth.sessions import RemoteSessions, Sessions, SessionsUnreachable
from shared.auth.tokens import Claims, InvalidToken
from shared.context import Context

OVERDUE: Final = timedelta(hours=4)  # longer than any meeting: it goes on while members is down


@dataclass(frozen=True, slots=True)
class Login:
    """``by_cookie``: a browser sent it by itself, so the request must also show that our own page made it."""

    claims: Claims
    by_cookie: bool

    @property
    def actor(self) -> Actor:
        return self.claims.actor


class Logins:
    """One per application, at ``app.state.logins``."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._keys = KeyCache(sessions)

    async def find(self, request: Request) -> Login | None:
        ctx: Context = request.app.state.context
        now = ctx.clock()
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            try:
                return Login(await self._keys.verify(bearer, now=now), by_cookie=False)
            except InvalidToken:
                return None
        access, refresh = request.cookies.get(cookies.SESSION), request.cookies.get(cookies.REFRESH)
        if access:
            try:
                return Login(await self._keys.verify(access, now=now), by_cookie=True)
            except InvalidToken:
                pass
        if not refresh:
            return None
        try:
            granted = await self._sessions.renew(refresh)
        except SessionsUnreachable:
            return await self._overdue(request, access)
        if granted is None:
            cookies.forget(request.scope, secure=ctx.settings.secure_cookies)
            return None
        cookies.keep(request.scope, granted, secure=ctx.settings.secure_cookies)
        return Login(await self._keys.verify(granted.access, now=now), by_cookie=True)

    async def _overdue(self, request: Request, access: str | None) -> Login | None:
        """Who is logged in though the token has run out and nobody can be asked for another."""
        try:
            now = request.app.state.context.clock()
            claims = await self._keys.verify(access or "", now=now, overdue=OVERDUE)
        except InvalidToken:
            return None
        return Login(claims, by_cookie=True)


async def login_of(request: Request) -> Login | None:
    """Who sends this request; found once per request, and left on ``request.state`` for pages.

    Raises `shared.auth.csrf.ForeignRequest` and `SessionsUnreachable`.
    """
    state = request.state
    if not hasattr(state, "login"):
        app, ctx = request.app, request.app.state.context
        if not hasattr(app.state, "logins"):
            app.state.logins = Logins(RemoteSessions(ctx.peers))
        login: Login | None = await app.state.logins.find(request)
        if login is not None and login.by_cookie:
            await csrf.check(request, ctx.settings, login.claims.session)
            state.csrf = csrf.token(ctx.settings, login.claims.session)
        state.login = login
        state.actor = login.actor if login else None
        if login is not None and "text/html" in request.headers.get("accept", ""):
            state.reader = await introduce(ctx.pool, login.actor)
    found: Login | None = state.login
    return found
