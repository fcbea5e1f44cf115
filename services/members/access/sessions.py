"""Logins: begun with a password, kept alive by refresh tokens that are good once, ended by logging out or by theft.

A refresh token is 256 random bits, stored as a hash. Using it yields its successor; using it again, later than the
few seconds in which two requests of one browser may carry the same one, means that somebody copied it: the whole
login ends. The successor is derived from the token itself, so that both requests get the same without it being stored.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final

import asyncpg

from services.members.access.signing import SigningKeys
from shared.auth.cookies import Granted
from shared.auth.model import Actor, HeldOffice
from shared.auth.tokens import issue
from shared.clock import vietnam_date
from shared.events.members import Office
from shared.ids import new_id
from shared.privacy import MasterKey
from shared.settings import Settings
from shared.telemetry.log import get_logger

log = get_logger(__name__)

GRACE: Final = timedelta(seconds=10)

_OFFICES: Final = """
SELECT DISTINCT office, organisation FROM view_roster.office
WHERE account = $1 AND from_on <= $2 AND (until_on IS NULL OR until_on > $2) ORDER BY office, organisation
"""
_USED: Final = """
SELECT s.id, s.account, s.created_at, s.used_at, s.ended_at, t.replaced_at, c.member
FROM refresh_token t JOIN session s ON s.id = t.session JOIN credential c ON c.account = s.account
WHERE t.hash = $1 FOR UPDATE OF t, s
"""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    access: timedelta
    idle: timedelta
    absolute: timedelta

    @classmethod
    def of(cls, settings: Settings) -> "Lifetimes":
        return cls(
            timedelta(minutes=settings.login_access_minutes),
            timedelta(hours=settings.login_idle_hours),
            timedelta(days=settings.login_absolute_days),
        )


class SessionStore:
    def __init__(self, pool: asyncpg.Pool, master: MasterKey, lifetimes: Lifetimes) -> None:
        self._pool, self._master, self._lifetimes = pool, master, lifetimes
        self.keys = SigningKeys(pool, master)

    async def begin(self, account: str, member: str | None, now: datetime) -> Granted:
        """A new login of ``account``, whose password was right."""
        session, refresh = new_id(), token_urlsafe(32)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO session (id, account, created_at, used_at) VALUES ($1, $2, $3, $3)", session, account, now
            )
            await _keep(connection, refresh, session, now)
        return await self._grant(session, account, member, refresh, now)

    async def renew(self, refresh: str, now: datetime) -> Granted | None:
        """The successor of a refresh token with a fresh access token, or None when the login has ended."""
        successor = self._successor(refresh)
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_USED, _hash(refresh))
            if row is None or row["ended_at"] is not None or self._is_over(row, now):
                return None
            if row["replaced_at"] is None:
                await connection.execute(
                    "UPDATE refresh_token SET replaced_at = $2 WHERE hash = $1", _hash(refresh), now
                )
                await connection.execute("UPDATE session SET used_at = $2 WHERE id = $1", row["id"], now)
                await _keep(connection, successor, row["id"], now)
            elif now - row["replaced_at"] > GRACE:
                log.warning("a refresh token was used twice", session=row["id"], account=row["account"])
                await _end(connection, "id = $3", row["id"], "token reused", now)
                return None
        return await self._grant(row["id"], row["account"], row["member"], successor, now)

    async def end(self, session: str, now: datetime, reason: str = "logged out") -> None:
        await _end(self._pool, "id = $3", session, reason, now)

    async def end_by_token(self, refresh: str, now: datetime) -> None:
        """Log out whoever holds this refresh token; one nobody holds changes nothing."""
        await _end(
            self._pool,
            "id = (SELECT session FROM refresh_token WHERE hash = $3)",
            _hash(refresh),
            "logged out",
            now,
        )

    async def tidy(self, now: datetime) -> None:
        """Forget logins that are over and failures that are forgotten, and change an old signing key."""
        over = now - self._lifetimes.absolute
        await self._pool.execute("DELETE FROM session WHERE created_at <= $1 OR ended_at <= $1", over)
        await self._pool.execute("DELETE FROM login_throttle WHERE last_at <= $1", over)
        await self.keys.rotate(now)

    def _is_over(self, row: asyncpg.Record, now: datetime) -> bool:
        begun: datetime = row["created_at"]
        used: datetime = row["used_at"]
        return now - used >= self._lifetimes.idle or now - begun >= self._lifetimes.absolute

    async def _grant(self, session: str, account: str, member: str | None, refresh: str, now: datetime) -> Granted:
        rows = await self._pool.fetch(_OFFICES, account, vietnam_date(now))
        offices = tuple(HeldOffice(Office(row["office"]), row["organisation"]) for row in rows)
        key = await self.keys.current(now)
        access = issue(key, Actor(account, member, offices), session, now=now, lifetime=self._lifetimes.access)
        return Granted(access, refresh, self._lifetimes.idle)

    def _successor(self, refresh: str) -> str:
        return urlsafe_b64encode(self._master.derive("refresh successor", refresh.encode())).decode().rstrip("=")


async def end_all(connection: asyncpg.Connection, account: str, now: datetime, reason: str) -> None:
    """End every login of an account, in the caller's transaction."""
    await _end(connection, "account = $3", account, reason, now)


async def _end(executor: Any, which: str, value: object, reason: str, now: datetime) -> None:
    await executor.execute(
        f"UPDATE session SET ended_at = $1, reason = $2 WHERE ended_at IS NULL AND {which}",  # noqa: S608
        now,
        reason,
        value,
    )


async def _keep(connection: asyncpg.Connection, refresh: str, session: str, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO refresh_token (hash, session, issued_at) VALUES ($1, $2, $3)", _hash(refresh), session, now
    )


def _hash(refresh: str) -> bytes:
    return sha256(refresh.encode()).digest()
