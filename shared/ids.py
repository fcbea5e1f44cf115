"""Identifiers: lower-case UUID strings, made by whoever first names a thing."""

import os
import time
from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import StringConstraints

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


def new_id() -> str:
    """A UUID of version 7 (RFC 9562): milliseconds, then 74 random bits.

    What is new stands together at the end of every index, however many millions are before it, instead of anywhere.
    """
    random = int.from_bytes(os.urandom(10))
    millis = time.time_ns() // 1_000_000
    return str(UUID(int=(millis << 80) | (7 << 76) | ((random >> 66) << 64) | (2 << 62) | (random & ((1 << 62) - 1))))


def derived_id(*parts: str) -> str:
    """The same parts give the same id everywhere: for facts that two parties must be able to name alike."""
    return str(uuid5(NAMESPACE_URL, "chibo:" + "/".join(parts)))
