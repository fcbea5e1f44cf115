"""Cells worth a look: flags with their evidence, for a person to judge. Nothing here is a judgement."""

from dataclasses import dataclass
from datetime import date

import asyncpg

from services.inspection.views.wall.tables import ABOVE

_MISSED = f"""
    SELECT y.cell, p.name AS cell_name, {ABOVE}, y.missed AS amount
    FROM view_wall.cell_year y JOIN view_wall.place p ON p.organisation = y.cell
    WHERE p.path @> ARRAY[$1] AND p.until IS NULL AND y.year = $2::int AND y.missed > 0 AND y.missed >= $3
    ORDER BY y.missed DESC, y.cell LIMIT $4
"""  # noqa: S608  (constants only)
_FEW_THEMATIC = f"""
    SELECT y.cell, p.name AS cell_name, {ABOVE}, $3 - y.thematic AS amount
    FROM view_wall.cell_year y JOIN view_wall.place p ON p.organisation = y.cell
    WHERE p.path @> ARRAY[$1] AND p.until IS NULL AND p.since <= $2::int::text || '-01'
        AND y.year = $2::int AND y.thematic < $3
    ORDER BY y.thematic, y.cell LIMIT $4
"""  # noqa: S608  (constants only)
_UNSENT = f"""
    SELECT y.cell, p.name AS cell_name, {ABOVE}, late.minutes AS amount
    FROM view_wall.cell_year y JOIN view_wall.place p ON p.organisation = y.cell
    CROSS JOIN LATERAL (
        SELECT count(*)::integer AS minutes FROM view_wall.meeting m
        WHERE m.cell = y.cell AND m.period BETWEEN $2::int::text || '-01' AND $2::int::text || '-12'
            AND m.closed_at IS NOT NULL AND m.sent_at IS NULL
            AND (m.closed_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date < $3
    ) late
    WHERE p.path @> ARRAY[$1] AND y.year = $2::int AND y.unsent > 0 AND late.minutes > 0
    ORDER BY y.unsent DESC, y.cell LIMIT $4
"""  # noqa: S608  (constants only)


@dataclass(frozen=True, slots=True)
class Signal:
    """``kind``: missed (months), few_thematic (meetings short of the least), unsent (minutes past their limit)."""

    kind: str
    cell: str
    cell_name: str
    above: str | None  # the committee of the cell, where it is not the one that looks
    amount: int


async def signals(
    pool: asyncpg.Pool, organisation: str, year: int, *, thematic_least: int, sent_before: date, limit: int = 4
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
