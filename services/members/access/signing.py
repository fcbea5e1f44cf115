"""The keys that sign access tokens: Ed25519, private halves wrapped by the master key, never outside this service."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from shared.ids import new_id
from shared.privacy import MasterKey

ROTATE_AFTER: Final = timedelta(days=90)
STILL_TRUSTED: Final = timedelta(hours=1)  # after its retirement: longer than any token it signed lives
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_LOCK: Final = 0x6B657973  # "keys": two processes must not both make the first one


class SigningKeys:
    def __init__(self, pool: asyncpg.Pool, master: MasterKey) -> None:
        self._pool, self._master = pool, master

    async def current(self, now: datetime) -> OKPKey:
        """The private key that signs now; made if there is none yet."""
        row = await self._pool.fetchrow("SELECT kid, wrapped FROM signing_key WHERE retired_at IS NULL")
        if row is None:
            return await self._replace(now, older_than=_NEVER)
        return self._opened(row)

    async def published(self, now: datetime) -> dict[str, Any]:
        """The public keys as a JWKS: the current one and those whose tokens may still be about."""
        await self.current(now)
        rows = await self._pool.fetch(
            "SELECT public_key FROM signing_key WHERE retired_at IS NULL OR retired_at > $1 ORDER BY created_at DESC",
            now - STILL_TRUSTED,
        )
        return {"keys": [json.loads(row["public_key"]) for row in rows]}

    async def rotate(self, now: datetime, *, after: timedelta = ROTATE_AFTER) -> str:
        """Retire the current key if it is older than ``after``; the kid that signs from now on."""
        key = await self._replace(now, older_than=now - after)
        await self._pool.execute("DELETE FROM signing_key WHERE retired_at <= $1", now - STILL_TRUSTED)
        return str(key.kid)

    async def _replace(self, now: datetime, *, older_than: datetime) -> OKPKey:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            row = await connection.fetchrow("SELECT kid, wrapped, created_at FROM signing_key WHERE retired_at IS NULL")
            if row is not None and row["created_at"] > older_than:
                return self._opened(row)
            await connection.execute("UPDATE signing_key SET retired_at = $1 WHERE retired_at IS NULL", now)
            private, kid = Ed25519PrivateKey.generate(), new_id()
            key = _jwk(private, kid)
            await connection.execute(
                "INSERT INTO signing_key (kid, public_key, wrapped, created_at) VALUES ($1, $2, $3, $4)",
                kid,
                json.dumps(key.as_dict(private=False, use="sig")),
                self._master.wrap(kid, private.private_bytes_raw()),
                now,
            )
            return key

    def _opened(self, row: asyncpg.Record) -> OKPKey:
        raw = self._master.unwrap(row["kid"], row["wrapped"])
        return _jwk(Ed25519PrivateKey.from_private_bytes(raw), row["kid"])


def _jwk(private: Ed25519PrivateKey, kid: str) -> OKPKey:
    return OKPKey.import_key(private, {"kid": kid})
