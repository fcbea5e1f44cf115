"""The public keys of members, kept by every service and asked for again when a token names an unknown one."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from shared.auth.sessions import Sessions, SessionsUnreachable
from shared.auth.tokens import Claims, Keys, UnknownKey, public_keys, verify

FRESH_S: Final = 3600.0  # a withdrawn key is trusted no longer than this
ASK_AGAIN_S: Final = 5.0  # tokens with invented kids do not become requests to members


class KeyCache:
    """``now`` is monotonic, in seconds."""

    def __init__(self, sessions: Sessions, now: Callable[[], float] = time.monotonic) -> None:
        self._sessions = sessions
        self._now = now
        self._keys: Keys = {}
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def verify(self, token: str, *, now: datetime, overdue: timedelta = timedelta(0)) -> Claims:
        """As `shared.auth.tokens.verify`; raises `SessionsUnreachable` too when there is no key at all yet."""
        if self._now() - self._asked_at > FRESH_S:
            await self._fetch(FRESH_S)
        try:
            return verify(token, self._keys, now=now, overdue=overdue)
        except UnknownKey:
            await self._fetch(ASK_AGAIN_S)
            return verify(token, self._keys, now=now, overdue=overdue)

    async def _fetch(self, older_than: float) -> None:
        async with self._lock:
            if self._now() - self._asked_at <= older_than:
                return
            try:
                self._keys = public_keys(await self._sessions.jwks())
            except SessionsUnreachable:
                if not self._keys:
                    raise
            self._asked_at = self._now()
