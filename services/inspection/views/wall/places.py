"""Where an organisation stands on the wall, and its neighbours in the tree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import asyncpg

from shared.events.members import OrganisationKind

_PLACE = """
    SELECT p.organisation, p.parent, p.path, p.kind, p.sector, p.name, p.since, p.until,
           coalesce(s.cells, 0) AS cells, coalesce(s.members, 0) AS members
    FROM view_wall.place p LEFT JOIN view_wall.size s USING (organisation)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation with the number of cells and members under it now."""

    organisation: str
    parent: str | None
    path: tuple[str, ...]
    kind: OrganisationKind
    sector: str
    name: str
    since: str
    until: str | None
    cells: int
    members: int

    @property
    def is_cell(self) -> bool:
        return self.kind is OrganisationKind.CELL

    def is_due(self, period: str) -> bool:
        """Whether it had to meet in ``period``: a cell must in every month that it stands from first day to last."""
        return self.since <= period and (self.until is None or period <= self.until)


async def place(pool: asyncpg.Pool, organisation: str) -> Place | None:
    found = await places(pool, [organisation])
    return found[0] if found else None


async def places(pool: asyncpg.Pool, organisations: Sequence[str]) -> list[Place]:
    """Those of ``organisations`` that exist, from the top down."""
    rows = await pool.fetch(
        f"{_PLACE} WHERE organisation = ANY ($1) ORDER BY cardinality(path), ordered", organisations
    )
    return [_place(row) for row in rows]


async def committees_of(pool: asyncpg.Pool, cells: Iterable[Place], here: str) -> dict[str, str]:
    """Cell -> the name of its committee, of those that do not stand directly under ``here``."""
    parents = {cell.organisation: cell.parent for cell in cells if cell.parent not in (None, here)}
    names = {one.organisation: one.name for one in await places(pool, [one for one in set(parents.values()) if one])}
    return {cell: names[parent] for cell, parent in parents.items() if parent in names}


async def committees_under(pool: asyncpg.Pool, parent: str, limit: int = 300) -> list[Place]:
    """The committees directly under ``parent`` that are not dissolved, by name."""
    rows = await pool.fetch(
        f"{_PLACE} WHERE parent = $1 AND kind <> 'cell' AND until IS NULL ORDER BY ordered, organisation LIMIT $2",
        parent,
        limit,
    )
    return [_place(row) for row in rows]


def _place(row: asyncpg.Record) -> Place:
    return Place(**{**row, "path": tuple(row["path"]), "kind": OrganisationKind(row["kind"])})
