"""What happened: in one cell over a year, and just now in a whole subtree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
import orjson

from services.inspection.views.wall.tables import ABOVE

FEW_CELLS: Final = 500  # up to here each cell's own last happenings are looked up; beyond, the newest of all are sifted
_COLUMNS: Final = (
    "h.partition, h.position, h.cell, h.period, h.meeting, h.kind, h.happened_at, h.recorded_at, h.entry, h.detail"
)
_NOTABLE: Final = "h.kind IN ('opened', 'closed', 'sent', 'missed', 'corrected', 'cancelled')"


@dataclass(frozen=True, slots=True)
class Happening:
    """``happened_at`` is when it was so, ``recorded_at`` when the log took it: a paper book is entered later."""

    partition: int
    position: int
    cell: str
    period: str
    meeting: str | None
    kind: str
    happened_at: datetime
    recorded_at: datetime
    entry: str
    detail: Mapping[str, Any]
    cell_name: str = ""
    above: str | None = None  # the committee of the cell, where it is not the one that looks

    @property
    def entered_later(self) -> bool:
        return self.recorded_at - self.happened_at > timedelta(days=1)


async def timeline_of(
    pool: asyncpg.Pool, cell: str, year: int, limit: int = 200, after: tuple[str, int, int] | None = None
) -> list[Happening]:
    """What happened to the months of one year, newest first; up to ``limit + 1``, after the key of the page before."""
    start = "true" if after is None else "(h.happened_at, h.partition, h.position) < ($5::timestamptz, $6, $7)"
    rows = await pool.fetch(
        f"""
        SELECT {_COLUMNS} FROM view_wall.happening h
        WHERE h.cell = $1 AND h.period BETWEEN $2 AND $3 AND {start}
        ORDER BY h.happened_at DESC, h.partition DESC, h.position DESC LIMIT $4
        """,  # noqa: S608
        cell,
        f"{year}-01",
        f"{year}-12",
        limit + 1,
        *((datetime.fromisoformat(after[0]), *after[1:]) if after else ()),
    )
    return [_happening(row) for row in rows]


async def just_happened(pool: asyncpg.Pool, organisation: str, cells: int, limit: int = 6) -> list[Happening]:
    """The last notable happenings under ``organisation``, which has ``cells`` cells, the last recorded first."""
    if cells <= FEW_CELLS:
        source = f"""
            SELECT {_COLUMNS}, p.name AS cell_name, {ABOVE} FROM view_wall.place p CROSS JOIN LATERAL (
                SELECT * FROM view_wall.happening h WHERE h.cell = p.organisation AND {_NOTABLE}
                ORDER BY h.recorded_at DESC LIMIT $2
            ) h WHERE p.path @> ARRAY[$1] AND p.kind = 'cell'
        """  # noqa: S608
    else:
        source = f"""
            SELECT {_COLUMNS}, p.name AS cell_name, {ABOVE}
            FROM view_wall.happening h JOIN view_wall.place p ON p.organisation = h.cell
            WHERE p.path @> ARRAY[$1] AND {_NOTABLE}
        """  # noqa: S608
    rows = await pool.fetch(f"{source} ORDER BY h.recorded_at DESC, h.position DESC LIMIT $2", organisation, limit)
    return [_happening(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Going:
    """A meeting going on, with how many have come and spoken so far."""

    meeting: str
    cell: str
    cell_name: str
    above: str | None
    kind: str
    opened_at: datetime
    due: int
    present: int
    statements: int


async def going_on(pool: asyncpg.Pool, organisation: str, limit: int = 6) -> list[Going]:
    rows = await pool.fetch(
        f"""
        SELECT m.meeting, m.cell, p.name AS cell_name, {ABOVE}, m.kind, m.opened_at, m.due, m.present, m.statements
        FROM view_wall.meeting m JOIN view_wall.place p ON p.organisation = m.cell
        WHERE m.opened_at IS NOT NULL AND m.closed_at IS NULL AND m.cancelled_at IS NULL
            AND p.path @> ARRAY[$1] AND p.until IS NULL
        ORDER BY m.opened_at DESC LIMIT $2
        """,  # noqa: S608  (constants only)
        organisation,
        limit,
    )
    return [Going(**row) for row in rows]


def _happening(row: asyncpg.Record) -> Happening:
    return Happening(**{**row, "detail": orjson.loads(row["detail"])})
