"""Guessing passwords gets slower and slower, per login name and per address.

A login name has 5 free failures, then 1 s, 2 s, 4 s … up to 15 minutes between attempts; an address, behind which a
whole office may sit, has 50, then up to one minute. A day without failures forgets them; a login that succeeds
clears the name's. An attempt is counted before the password is looked at, so that many at once gain nothing, and
names that do not exist are counted like those that do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Final

import asyncpg

from shared.privacy import MasterKey
from shared.refusal import Refused

FORGET: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    kind: str
    free: int  # failures without delay
    longest: timedelta


LOGIN: Final = Limit("login", 5, timedelta(minutes=15))
ADDRESS: Final = Limit("address", 50, timedelta(minutes=1))

# The exponent is bounded: 2^20 seconds is beyond every limit. Who is free is so at any time: of two who log in at once,
# the one whose clock was read first may come last.
_COUNT: Final = """
INSERT INTO login_throttle AS t (kind, subject, failures, blocked_until, last_at) VALUES ($1, $2, 1, '-infinity', $3)
ON CONFLICT (kind, subject) DO UPDATE SET
    failures = CASE WHEN t.last_at <= $3::timestamptz - $6::interval THEN 1 ELSE t.failures + 1 END,
    blocked_until = CASE WHEN t.last_at <= $3::timestamptz - $6::interval OR t.failures < $4 THEN '-infinity'
        ELSE $3::timestamptz + least($5::interval, interval '1 second' * 2 ^ least(t.failures - $4, 20)) END,
    last_at = $3
WHERE t.blocked_until <= $3
RETURNING failures
"""
_BLOCKED: Final = "SELECT blocked_until FROM login_throttle WHERE kind = $1 AND subject = $2"


class Attempt:
    """One try to log in: `count` it first, `forgive` it when it was good."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey, login: str, address: str) -> None:
        self._pool = pool
        self._login = master.derive("throttled login", login.encode())
        self._address = master.derive("throttled address", network_of(address).encode())

    async def count(self, now: datetime) -> None:
        """Raises `Refused` (``login.throttled``) while the name or the address has to wait."""
        for limit, subject in ((LOGIN, self._login), (ADDRESS, self._address)):
            counted = await self._pool.fetchval(_COUNT, limit.kind, subject, now, limit.free, limit.longest, FORGET)
            if counted is None:
                until: datetime = await self._pool.fetchval(_BLOCKED, limit.kind, subject) or now
                raise Refused("login.throttled", seconds=max(1, ceil((until - now).total_seconds())))

    async def forgive(self) -> None:
        await self._pool.execute("DELETE FROM login_throttle WHERE kind = $1 AND subject = $2", "login", self._login)
        await self._pool.execute(
            "UPDATE login_throttle SET failures = greatest(failures - 1, 0), blocked_until = '-infinity'"
            " WHERE kind = $1 AND subject = $2",
            "address",
            self._address,
        )


def network_of(address: str) -> str:
    """What one household or office has: an IPv4 address, or the /64 of an IPv6 one; other texts as they are."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)
