"""Logins as members itself sees them: from its own tables, without a request to itself."""

from typing import Any

from fastapi import FastAPI

from services.members.access.accounts import store_of
from shared.auth.cookies import Granted
from shared.auth.login import Logins
from shared.context import Context


class LocalSessions:
    """What `shared.auth.sessions.RemoteSessions` is to the other services."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @property
    def _ctx(self) -> Context:
        context: Context = self._app.state.context  # made when the application starts
        return context

    async def jwks(self) -> dict[str, Any]:
        return await store_of(self._ctx).keys.published(self._ctx.clock())

    async def renew(self, refresh: str) -> Granted | None:
        return await store_of(self._ctx).renew(refresh, self._ctx.clock())


def install(app: FastAPI) -> None:
    """Have an application look up logins here."""
    app.state.logins = Logins(LocalSessions(app))


async def tidy_logins(ctx: Context) -> None:
    """Daily: forget logins that are over, change a signing key that has grown old."""
    await store_of(ctx).tidy(ctx.clock())
