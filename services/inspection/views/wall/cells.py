"""One cell on its own page: its numbers year by year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import asyncpg

from services.inspection.domain.month import COUNTERS

_YEARS = """
    SELECT y.*, (
        SELECT count(*) FROM view_wall.cell_month m
        WHERE m.cell = y.cell AND m.period BETWEEN y.year || '-01' AND y.year || '-12' AND m.period < $2
            AND m.held + m.late + m.missed - m.beyond > 0
    ) AS settled
    FROM view_wall.cell_year y WHERE y.cell = $1 ORDER BY y.year DESC
"""


@dataclass(frozen=True, slots=True)
class CellYear:
    """``settled``: months before the present one in which it had to meet and of which it is known whether it did."""

    year: int
    counts: Mapping[str, int]
    last_met: date | None
    settled: int

    def __getitem__(self, counter: str) -> int:
        return self.counts[counter]

    @property
    def met(self) -> int:
        return self["held"] + self["late"]

    @property
    def known(self) -> int:
        """The base of what was met: months met, and months whose window passed without a meeting."""
        return self.met + self["missed"]


async def years_of(pool: asyncpg.Pool, cell: str, present: str) -> list[CellYear]:
    """Every year of which something is known, newest first; ``present`` is the month it is now."""
    rows = await pool.fetch(_YEARS, cell, present)
    return [
        CellYear(row["year"], {name: row[name] for name in COUNTERS}, row["last_met"], row["settled"]) for row in rows
    ]
