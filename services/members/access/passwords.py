"""Passwords: argon2id, computed in threads of their own, the same work whether the login name exists or not.

Parameters: 46 MiB, one pass, one lane (OWASP Password Storage Cheat Sheet): about 40 ms of one core. Two threads at
most, so that an evening's rush of logins takes 92 MiB and leaves the event loop alone.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from secrets import choice, token_urlsafe
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.refusal import require

T = TypeVar("T")

HASHER: Final = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
LEAST: Final = 10  # characters
MOST: Final = 200  # characters; a hash of megabytes would be work for an attacker to give us

_CLEAR: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # no letter that is taken for another when written down

_threads: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")


def normal_login(typed: str) -> str:
    """The one form of a login name, however it was typed."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def first_password() -> str:
    """A password to be handed over: 12 letters and digits in groups of four, 59 bits."""
    return "-".join("".join(choice(_CLEAR) for _ in range(4)) for _ in range(3))


def require_password(password: str, login: str) -> None:
    """Refuses a password that is too short or is the login name (NIST SP 800-63B: length, not composition)."""
    require(LEAST <= len(password) <= MOST, "password.long_enough", least=LEAST, most=MOST)
    require(normal_login(password) != login, "password.not_the_login")


async def hashed(password: str) -> str:
    return await _in_thread(lambda: HASHER.hash(_bytes(password)))


async def matches(stored: str | None, password: str) -> bool:
    """Whether ``password`` made ``stored``. Without a stored hash the same work is done, and the answer is no."""

    def verify() -> bool:
        try:
            return HASHER.verify(stored or _nobodys_hash(), _bytes(password)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    return await _in_thread(verify)


def is_outdated(stored: str) -> bool:
    """Made with other parameters than today's: to be hashed again at the next login."""
    return HASHER.check_needs_rehash(stored)


def _bytes(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode()[: 4 * MOST]


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(token_urlsafe())


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
