"""Questions the register's pages and API ask of the shared views: an organisation, its children on a day, a search."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from shared.events.members import OrganisationKind, Sector
from shared.roster import HeadCount, head_counts

_NONE = HeadCount(cells=0, members=0, official=0, probationary=0, exempt=0)
_NODE = "o.id, o.kind, o.sector, o.country, o.established_on, o.dissolved_on"


@dataclass(frozen=True, slots=True)
class Node:
    """An organisation; ``heads`` counts its whole subtree, where it was counted."""

    id: str
    parent: str | None
    kind: OrganisationKind
    sector: Sector
    name: str
    country: str
    fixed_meeting_day: int | None
    established_on: date
    dissolved_on: date | None
    heads: HeadCount | None = None


async def node(pool: asyncpg.Pool, id: str) -> Node | None:
    row = await pool.fetchrow(
        f"SELECT {_NODE}, o.parent, o.name, o.fixed_meeting_day FROM view_organisations.organisation o WHERE o.id = $1",  # noqa: S608
        id,
    )
    return None if row is None else _node(row)


async def tree(pool: asyncpg.Pool, id: str, day: date) -> list[Node]:
    """The organisation and those directly under it, as they stood on ``day``, counted; empty if it did not stand."""
    rows = await pool.fetch(
        f"""
        SELECT {_NODE}, h.parent, h.name, h.fixed_meeting_day
        FROM view_organisations.history h JOIN view_organisations.organisation o ON o.id = h.organisation
        WHERE (h.organisation = $1 OR h.parent = $1) AND h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to > $2)
        """,  # noqa: S608
        id,
        day,
    )
    heads = await head_counts(pool, id, day)
    nodes = [_node(row, heads.get(row["id"], _NONE)) for row in rows]
    if all(one.id != id for one in nodes):
        return []
    return sorted(nodes, key=lambda one: (one.id != id, natural(one.name)))


async def listed(
    pool: asyncpg.Pool,
    roots: Sequence[str],
    *,
    limit: int,
    under: str | None = None,
    kind: OrganisationKind | None = None,
    sector: Sector | None = None,
    country: str | None = None,
    after: tuple[str, str] | None = None,
) -> list[Node]:
    """Standing organisations within the subtrees of ``roots`` by name; ``after`` is (name, id) of the last one seen."""
    rows = await pool.fetch(
        f"""
        SELECT {_NODE}, o.parent, o.name, o.fixed_meeting_day FROM view_organisations.organisation o
        WHERE o.dissolved_on IS NULL AND o.path && $1::text[]
          AND ($2::text IS NULL OR o.path @> ARRAY[$2::text]) AND ($3::text IS NULL OR o.kind = $3)
          AND ($4::text IS NULL OR o.sector = $4) AND ($5::text IS NULL OR o.country = $5)
          AND ($6::text IS NULL OR (o.name, o.id) > ($6, $7))
        ORDER BY o.name, o.id LIMIT $8
        """,  # noqa: S608
        list(roots), under, kind, sector, country, *(after or (None, None)), limit,
    )  # fmt: skip
    return [_node(row) for row in rows]


async def committees(pool: asyncpg.Pool, roots: Sequence[str], *, apart_from: str) -> list[Node]:
    """Standing organisations other than cells within ``roots`` by name, but for one and all that stands under it."""
    rows = await pool.fetch(
        f"""
        SELECT {_NODE}, o.parent, o.name, o.fixed_meeting_day FROM view_organisations.organisation o
        WHERE o.dissolved_on IS NULL AND o.kind <> 'cell' AND o.path && $1::text[] AND NOT $2 = ANY (o.path)
        ORDER BY o.name, o.id
        """,  # noqa: S608
        list(roots),
        apart_from,
    )
    return [_node(row) for row in rows]


def natural(name: str) -> list[tuple[int, str]]:
    """A sort key by which "Chi bộ 2" comes before "Chi bộ 10"."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name.casefold())]


def _node(row: asyncpg.Record, heads: HeadCount | None = None) -> Node:
    values: dict[str, Any] = dict(row)
    values |= {"kind": OrganisationKind(values["kind"]), "sector": Sector(values["sector"])}
    return Node(**values, heads=heads)
