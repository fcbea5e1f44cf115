"""The address of a wall with its filters: every choice is a link that works without script."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from services.inspection.views.wall.rows import Only, Sort, Wanted
from shared.http import Malformed, decode_cursor, encode_cursor

PAGE_ROWS = 25


@dataclass(frozen=True, slots=True)
class Address:
    """What a reader chose on the wall of ``organisation``. ``everything``: all cells below, not only the next level."""

    organisation: str
    year: int
    present: str  # the month it is now, YYYY-MM
    month: int | None = None  # the one the figures above the wall are of, when chosen
    sort: Sort = Sort.NAME
    only: Only | None = None
    sector: str | None = None
    name: str = ""
    everything: bool = False
    after: str | None = None  # cursor

    @property
    def period(self) -> str:
        """The month shown in figures: the present one of this year, the last one of another."""
        present_year, present_month = int(self.present[:4]), int(self.present[5:])
        return f"{self.year}-{self.month or (present_month if self.year == present_year else 12):02d}"

    def to(self, **changes: Any) -> str:
        """The address of the same wall with something changed; a new choice begins at the first page again."""
        return f"/inspection/wall/{changes.get('organisation', self.organisation)}{self.query(**changes)}"

    def part(self, name: str, row: str = "") -> str:
        """The address of one part of this page, or of one row of it, to be fetched when it has changed."""
        query = self.query(after=None if row else self.after)
        if row:
            query += f"{'&' if query else '?'}ids={row}"
        return f"/inspection/wall/{self.organisation}/{name}{query}"

    def hidden(self) -> list[tuple[str, str]]:
        """What a form that changes name, sector and order must carry along."""
        kept = {"name": "", "sector": None, "sort": Sort.NAME}
        return parse_qsl(self.query(**kept).removeprefix("?"))

    def query(self, **changes: Any) -> str:
        now = replace(self, **({"after": None} | changes))
        chosen = {
            "year": now.year if str(now.year) != now.present[:4] else None,
            "month": now.month,
            "sort": Sort(now.sort).value if now.sort != Sort.NAME else None,
            "only": now.only.value if now.only else None,
            "sector": now.sector,
            "name": now.name or None,
            "cells": "all" if now.everything else None,
            "after": now.after,
        }
        given = {name: value for name, value in chosen.items() if value is not None}
        return f"?{urlencode(given)}" if given else ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.only or self.sector or self.name)

    def wanted(self, *, everything: bool) -> Wanted:
        """As the view is asked for rows."""
        return Wanted(
            year=self.year, sort=self.sort, only=self.only, sector=self.sector, name=self.name,
            everything=everything, limit=PAGE_ROWS,
        )  # fmt: skip

    def start(self) -> tuple[str | int, str] | None:
        """The key after which this page begins. Raises `Malformed`."""
        if self.after is None:
            return None
        key, organisation = decode_cursor(self.after, 2)
        if not isinstance(organisation, str) or not isinstance(key, str if self.sort is Sort.NAME else int):
            raise Malformed("after")
        return key, organisation


def cursor_of(key: str | int, organisation: str) -> str:
    return encode_cursor(key, organisation)
