"""Cells worth a look: flags with their evidence, for a person to judge. Nothing here is a judgement."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import asyncpg

MOST_CELLS: Final = 20_000  # above this, signals are shown committee by committee

_MISSED = """
    SELECT p.organisation AS cell, p.name AS cell_name, y.missed AS amount
    FROM view_wall.cell_year y JOIN view_wall.place p ON p.organisation = y.cell
    WHERE p.path @> ARRAY[$1] AND y.year = $2::int AND y.missed >= $3 AND p.until IS NULL
    ORDER BY y.missed DESC, p.ordered LIMIT $4
"""
_FEW_THEMATIC = """
    SELECT p.organisation AS cell, p.name AS cell_name, $3 - coalesce(y.thematic, 0) AS amount
    FROM view_wall.place p LEFT JOIN view_wall.cell_year y ON y.cell = p.organisation AND y.year = $2::int
    WHERE p.path @> ARRAY[$1] AND p.kind = 'cell' AND p.until IS NULL AND p.since <= $2::int::text || '-01'
        AND coalesce(y.thematic, 0) < $3
    ORDER BY amount DESC, p.ordered LIMIT $4
"""
_UNSENT = """
    SELECT p.organisation AS cell, p.name AS cell_name, count(*)::integer AS amount
    FROM view_wall.meeting m JOIN view_wall.place p ON p.organisation = m.cell
    WHERE p.path @> ARRAY[$1] AND m.period BETWEEN $2::int::text || '-01' AND $2::int::text || '-12'
        AND m.closed_at IS NOT NULL AND m.sent_at IS NULL AND (m.closed_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date < $3
    GROUP BY p.organisation ORDER BY amount DESC, p.ordered LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Signal:
    """``kind``: missed (months), few_thematic (meetings short of the least), unsent (minutes past their limit)."""

    kind: str
    cell: str
    cell_name: str
    amount: int


async def signals(
    pool: asyncpg.Pool, organisation: str, year: int, *, thematic_least: int, sent_before: date, limit: int = 3
) -> list[Signal]:
    """Up to ``limit`` of each kind under ``organisation``.

    ``thematic_least``: thematic meetings a cell should have had by now; ``sent_before``: minutes of meetings held
    before this day should have been sent up.
    """
    found: list[Signal] = []
    asked = (("missed", _MISSED, 1), ("unsent", _UNSENT, sent_before), ("few_thematic", _FEW_THEMATIC, thematic_least))
    for kind, query, bound in asked:
        found += [Signal(kind, **row) for row in await pool.fetch(query, organisation, year, bound, limit)]
    return found
