"""The sums of organisations, kept as facts arrive: as cheap over a country as over a commune."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from services.inspection.domain.month import COUNTERS


@dataclass(frozen=True, slots=True)
class Sum:
    """What all cells under an organisation did in one or more months. ``cells_due``: cell-months in which they had to
    meet, and those in which one met that did not have to: whoever has met is among them."""

    cells_due: int
    counts: Mapping[str, int]

    def __getitem__(self, counter: str) -> int:
        return self.counts.get(counter, 0)

    @property
    def met(self) -> int:
        return self["held"] + self["late"]

    def __add__(self, other: "Sum") -> "Sum":
        names = self.counts.keys() | other.counts.keys()
        return Sum(self.cells_due + other.cells_due, {name: self[name] + other[name] for name in names})


NOTHING = Sum(0, {})


def periods_of(year: int) -> list[str]:
    return [f"{year}-{month:02d}" for month in range(1, 13)]


async def sums_of(pool: asyncpg.Pool, organisations: Sequence[str], year: int) -> dict[str, dict[str, Sum]]:
    """organisation -> period -> sum, for every month of the year."""
    periods = periods_of(year)
    counts = {
        (row["organisation"], row["period"]): {name: row[name] for name in COUNTERS}
        for row in await pool.fetch(
            "SELECT * FROM view_wall.organisation_month WHERE organisation = ANY ($1) AND period BETWEEN $2 AND $3",
            organisations,
            periods[0],
            periods[-1],
        )
    }
    changes: dict[str, list[tuple[str, int]]] = {}
    for row in await pool.fetch(
        "SELECT organisation, period, cells FROM view_wall.due WHERE organisation = ANY ($1) AND period <= $2",
        organisations,
        periods[-1],
    ):
        changes.setdefault(row["organisation"], []).append((row["period"], row["cells"]))
    return {
        organisation: {
            period: _sum(changes.get(organisation, ()), period, counts.get((organisation, period), {}))
            for period in periods
        }
        for organisation in organisations
    }


def _sum(changes: Sequence[tuple[str, int]], period: str, counts: Mapping[str, int]) -> Sum:
    due = sum(cells for since, cells in changes if since <= period)
    return Sum(due + counts.get("beyond", 0), counts)
