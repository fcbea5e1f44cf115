"""A members for tests of the guards: issues tokens and renews them from memory, and can be made unreachable."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI
from joserfc.jwk import OKPKey

from shared.auth import cookies
from shared.auth.cookies import Granted
from shared.auth.login import Logins
from shared.auth.model import Actor
from shared.auth.sessions import SessionsUnreachable
from shared.auth.tokens import issue
from shared.http.added import AddedHeaders
from shared.settings import Settings

LIFETIME = timedelta(minutes=5)


def settings(**changed: Any) -> Settings:
    given = {"database_url": "postgresql://", "redis_url": "redis://", "service_secret": "s" * 40}
    return Settings(**{"service": "meetings", **given, **changed})


@dataclass
class Issuer:
    now: datetime = datetime(2026, 11, 22, 8, tzinfo=UTC)
    key: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519", {"kid": "k1"}))
    renewable: dict[str, Actor] = field(default_factory=dict)
    reachable: bool = True
    asked: int = 0

    def token(self, actor: Actor, session: str = "session-1") -> str:
        return issue(self.key, actor, session, now=self.now, lifetime=LIFETIME)

    async def jwks(self) -> dict[str, Any]:
        self._reach()
        return {"keys": [self.key.as_dict(private=False)]}

    async def renew(self, refresh: str) -> Granted | None:
        self._reach()
        actor = self.renewable.get(refresh)
        return Granted(self.token(actor), f"{refresh}+", timedelta(hours=12)) if actor else None

    def _reach(self) -> None:
        self.asked += 1
        if not self.reachable:
            raise SessionsUnreachable("members")

    def serve(self, app: FastAPI, pool: asyncpg.Pool | None = None, **changed: Any) -> httpx.AsyncClient:
        """A browser in front of ``app``, whose logins come from here."""
        app.state.context = SimpleNamespace(settings=settings(**changed), clock=lambda: self.now, pool=pool)
        app.state.logins = Logins(self)
        transport = httpx.ASGITransport(AddedHeaders(app, cookies.pending))
        return httpx.AsyncClient(transport=transport, base_url="http://chibo.test")
