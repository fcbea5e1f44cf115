"""Keyset pagination: a page names where the next begins, so that rows arriving meanwhile shift nothing."""

import base64
import binascii
from typing import Annotated, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel, Field

from shared.refusal import Refused

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=200, description="Rows a page.")]
Cursor = Annotated[str | None, Query(max_length=512, description="`next` of the page before.")]


class Malformed(Refused):
    """A header or parameter that cannot be read; names it."""

    def __init__(self, what: str) -> None:
        super().__init__("request.invalid", detail=what)


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = Field(default=None, description="Cursor of the next page; absent on the last.")


def encode_cursor(*key: str | int | None) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=").decode()


def decode_cursor(cursor: str, length: int) -> list[str | int | None]:
    """The key a cursor stands for. Raises `Malformed`: a cursor is only ever one that we gave."""
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise Malformed("cursor") from None
    if not isinstance(key, list) or len(key) != length or not all(isinstance(k, str | int | None) for k in key):
        raise Malformed("cursor")
    if any(isinstance(part, str) and "\0" in part for part in key):  # the database takes none, so it gave none
        raise Malformed("cursor")
    return key


def page_of(rows: list[T], limit: int, key: tuple[str, ...]) -> Page[T]:
    """A page from up to ``limit + 1`` rows, fetched in order of the attributes or keys named by ``key``."""
    if len(rows) <= limit:
        return Page(items=rows)
    last = rows[limit - 1]
    return Page(items=rows[:limit], next=encode_cursor(*(_value(last, name) for name in key)))


def _value(row: object, name: str) -> str | int | None:
    value: str | int | None = row[name] if isinstance(row, dict) else getattr(row, name)
    return value
