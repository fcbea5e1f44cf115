"""What can be asked of the tree. ``pool`` may be a pool or a connection; an unknown organisation is ``None``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import asyncpg

from shared.events.members import OrganisationKind, Sector

Reader: TypeAlias = "asyncpg.Pool | asyncpg.Connection"

_COLUMNS = "id, parent, path, kind, sector, name, country, fixed_meeting_day, established_on, dissolved_on"


@dataclass(frozen=True, slots=True)
class Organisation:
    id: str
    parent: str | None
    path: tuple[str, ...]  # from the highest ancestor known to itself
    kind: OrganisationKind
    sector: Sector
    name: str
    country: str  # ISO 3166-1 alpha-2
    fixed_meeting_day: int | None
    established_on: date
    dissolved_on: date | None

    @property
    def is_cell(self) -> bool:
        return self.kind is OrganisationKind.CELL


async def organisation(pool: Reader, id: str) -> Organisation | None:
    row = await pool.fetchrow(f"SELECT {_COLUMNS} FROM view_organisations.organisation WHERE id = $1", id)  # noqa: S608
    return None if row is None else _organisation(row)


async def organisations(pool: Reader, ids: Sequence[str]) -> dict[str, Organisation]:
    """Those of ``ids`` that exist, by id."""
    found = await _fetch(pool, "id = ANY($1::text[])", list(ids))
    return {one.id: one for one in found}


async def is_within(pool: Reader, id: str, root: str) -> bool:
    """Whether ``id`` is ``root`` or stands under it; an organisation not known here is within nothing."""
    return bool(
        await pool.fetchval("SELECT $2 = ANY(path) FROM view_organisations.organisation WHERE id = $1", id, root)
    )


async def is_within_any(pool: Reader, id: str, roots: Sequence[str]) -> bool:
    """Whether ``id`` is one of ``roots`` or stands under one of them."""
    return bool(
        await pool.fetchval(
            "SELECT path && $2::text[] FROM view_organisations.organisation WHERE id = $1", id, list(roots)
        )
    )


async def children(pool: Reader, parent: str | None) -> list[Organisation]:
    """The organisations directly under ``parent`` that are not dissolved; for ``None`` the roots."""
    if parent is None:
        return await _fetch(pool, "parent IS NULL AND dissolved_on IS NULL")
    return await _fetch(pool, "parent = $1 AND dissolved_on IS NULL", parent)


async def ancestors(pool: Reader, id: str) -> list[Organisation]:
    """From the root down to the parent; empty for a root and for an unknown organisation."""
    found = await organisation(pool, id)
    if found is None:
        return []
    above = await organisations(pool, found.path[:-1])
    return [above[one] for one in found.path[:-1]]


async def cells_under(pool: Reader, root: str) -> list[Organisation]:
    """The cells in the subtree of ``root`` that are not dissolved, ``root`` itself if it is one."""
    return await _fetch(pool, "path @> ARRAY[$1::text] AND kind = 'cell' AND dissolved_on IS NULL", root)


async def as_of(pool: Reader, root: str, day: date) -> list[Organisation]:
    """The subtree of ``root`` as it stood on ``day``: names, parents, fixed days of then; paths begin at ``root``."""
    rows = await pool.fetch(
        """
        WITH RECURSIVE tree AS (
            SELECT h.*, ARRAY[h.organisation] AS path FROM view_organisations.history h
            WHERE h.organisation = $1 AND h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to > $2)
            UNION ALL
            SELECT h.*, t.path || h.organisation
            FROM tree t JOIN view_organisations.history h ON h.parent = t.organisation
            WHERE h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to > $2) AND h.organisation <> ALL (t.path)
        )
        SELECT o.id, t.parent, t.path, o.kind, o.sector, t.name, o.country, t.fixed_meeting_day, o.established_on,
               o.dissolved_on
        FROM tree t JOIN view_organisations.organisation o ON o.id = t.organisation
        ORDER BY t.path
        """,
        root,
        day,
    )
    return [_organisation(row) for row in rows]


async def _fetch(pool: Reader, where: str, *args: Any) -> list[Organisation]:
    rows = await pool.fetch(
        f"SELECT {_COLUMNS} FROM view_organisations.organisation WHERE {where} ORDER BY name, id",  # noqa: S608
        *args,
    )
    return [_organisation(row) for row in rows]


def _organisation(row: asyncpg.Record) -> Organisation:
    values = dict(row)
    return Organisation(
        **{
            **values,
            "path": tuple(values["path"]),
            "kind": OrganisationKind(values["kind"]),
            "sector": Sector(values["sector"]),
        }
    )
