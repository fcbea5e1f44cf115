"""One cell on its own page: its numbers year by year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import asyncpg

from services.inspection.domain.month import COUNTERS


@dataclass(frozen=True, slots=True)
class CellYear:
    year: int
    counts: Mapping[str, int]
    last_met: date | None

    def __getitem__(self, counter: str) -> int:
        return self.counts[counter]

    @property
    def met(self) -> int:
        return self["held"] + self["late"]


async def years_of(pool: asyncpg.Pool, cell: str) -> list[CellYear]:
    """Every year of which something is known, newest first."""
    rows = await pool.fetch("SELECT * FROM view_wall.cell_year WHERE cell = $1 ORDER BY year DESC", cell)
    return [CellYear(row["year"], {name: row[name] for name in COUNTERS}, row["last_met"]) for row in rows]
