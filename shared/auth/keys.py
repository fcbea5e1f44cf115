"""The public keys of members, kept by every service and asked for again when a token names an unknown one."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from shared.auth.sessions import Sessions, SessionsUnreachable
from shared.auth.tokens import Claims, Keys, UnknownKey, public_keys, verify

FRESH_S: Final = 3600.0  # a withdrawn key is trusted no longer than this
VERIFIED: Final = 2_000  # tokens whose claims are remembered
ASK_AGAIN_S: Final = 5.0  # tokens with invented kids do not become requests to members


class KeyCache:
    """``now`` is monotonic, in seconds."""

    def __init__(self, sessions: Sessions, now: Callable[[], float] = time.monotonic) -> None:
        self._sessions = sessions
        self._now = now
        self._keys: Keys = {}
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()
        self._verified: dict[str, Claims] = {}  # a signature costs more to check than all else of most requests

    async def verify(self, token: str, *, now: datetime, overdue: timedelta = timedelta(0)) -> Claims:
        """As `shared.auth.tokens.verify`; raises `SessionsUnreachable` too when there is no key at all yet."""
        if self._now() - self._asked_at > FRESH_S:
            await self._fetch(FRESH_S)
        known = self._verified.get(token)
        if known is not None and now < known.expires_at:
            return known
        try:
            claims = verify(token, self._keys, now=now, overdue=overdue)
        except UnknownKey:
            await self._fetch(ASK_AGAIN_S)
            claims = verify(token, self._keys, now=now, overdue=overdue)
        if len(self._verified) == VERIFIED:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = claims
        return claims

    async def _fetch(self, older_than: float) -> None:
        async with self._lock:
            if self._now() - self._asked_at <= older_than:
                return
            try:
                self._keys = public_keys(await self._sessions.jwks())
            except SessionsUnreachable:
                if not self._keys:
                    raise
            self._verified.clear()  # a key may have been withdrawn
            self._asked_at = self._now()
