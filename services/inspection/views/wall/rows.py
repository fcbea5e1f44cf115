"""Rows of the wall: cells with the sums of a year, sorted, filtered and paged by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

import asyncpg

from services.inspection.domain.month import COUNTERS
from services.inspection.domain.names import folded
from services.inspection.views.wall.places import Place
from shared.events.members import OrganisationKind


class Sort(StrEnum):
    NAME = "name"
    MISSING = "missing"  # most missed months first
    ATTENDANCE = "attendance"  # lowest rate first
    SPEAKING = "speaking"  # lowest rate first
    LAST_MET = "last_met"  # longest ago first


class Only(StrEnum):
    MISSING = "missing"
    LATE = "late"
    UNSENT = "unsent"


_LAST: Final = 10**9  # after every rate: rows of which there is none
_SORTS: Final[Mapping[Sort, tuple[str, str]]] = {  # expression, its type
    Sort.NAME: ("p.ordered", "text"),
    Sort.MISSING: ("-coalesce(y.missed, 0)", "bigint"),
    Sort.ATTENDANCE: (f"coalesce(y.present * 1000000::bigint / nullif(y.due, 0), {_LAST})", "bigint"),
    Sort.SPEAKING: (f"coalesce(y.spoke * 1000000::bigint / nullif(y.present, 0), {_LAST})", "bigint"),
    Sort.LAST_MET: ("coalesce(y.last_met - date '2000-01-01', -1)", "bigint"),
}
_ONLY: Final[Mapping[Only, str]] = {Only.MISSING: "y.missed > 0", Only.LATE: "y.late > 0", Only.UNSENT: "y.unsent > 0"}
_SUMS: Final = ", ".join(f"coalesce(y.{name}, 0) AS {name}" for name in COUNTERS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: ``everything`` under the organisation, or only the cells directly under it."""

    year: int
    sort: Sort = Sort.NAME
    only: Only | None = None
    sector: str | None = None
    name: str = ""
    everything: bool = True
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A cell with its sums over the year and its months, by period."""

    place: Place
    year: Mapping[str, int]
    last_met: date | None
    key: str | int  # what the rows are sorted by
    months: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


async def cell_rows(
    pool: asyncpg.Pool, organisation: str, wanted: Wanted, after: tuple[str | int, str] | None = None
) -> list[Row]:
    """Up to ``limit + 1`` rows after the key ``after``: one more than is shown tells that there is a next page."""
    by, kind = _SORTS[wanted.sort]
    scope = "p.path @> ARRAY[$1]" if wanted.everything else "p.parent = $1"
    only = _ONLY[wanted.only] if wanted.only else "true"
    start = "true" if after is None else f"({by}, p.organisation) > ($7::{kind}, $8)"
    return await _fetch(
        pool,
        f"""
        WHERE {scope} AND p.kind = 'cell'
            AND p.stood_from <= $2 || '-12' AND (p.stood_to IS NULL OR p.stood_to >= $2 || '-01')
            AND ($4::text IS NULL OR p.sector = $4) AND ($5 = '' OR strpos(p.sought, $5) > 0) AND {only} AND {start}
        ORDER BY sort_key, p.organisation LIMIT $6
        """,
        by,
        organisation,
        str(wanted.year),
        wanted.year,
        wanted.sector,
        folded(wanted.name),
        wanted.limit + 1,
        *(after or ()),
    )


async def rows_of(pool: asyncpg.Pool, organisation: str, cells: Sequence[str], year: int) -> list[Row]:
    """The rows of the named cells as far as they stand under ``organisation``; for live changes."""
    return await _fetch(
        pool,
        "WHERE p.path @> ARRAY[$1] AND p.organisation = ANY ($2) AND p.kind = 'cell'",
        "p.ordered",
        organisation,
        list(cells),
        year,
    )


async def _fetch(pool: asyncpg.Pool, where: str, by: str, *args: Any) -> list[Row]:
    records = await pool.fetch(
        f"""
        SELECT p.organisation, p.parent, p.path, p.kind, p.sector, p.name, p.since, p.until,
               coalesce(s.cells, 0) AS cells, coalesce(s.members, 0) AS members, {_SUMS}, y.last_met, {by} AS sort_key
        FROM view_wall.place p
        LEFT JOIN view_wall.size s ON s.organisation = p.organisation
        LEFT JOIN view_wall.cell_year y ON y.cell = p.organisation AND y.year = $3
        {where}
        """,  # noqa: S608  (fragments are the constants above)
        *args,
    )
    year = args[2]
    months = await months_of(pool, [record["organisation"] for record in records], year)
    return [_row(record, months.get(record["organisation"], {})) for record in records]


async def months_of(pool: asyncpg.Pool, cells: Sequence[str], year: int) -> dict[str, dict[str, Mapping[str, Any]]]:
    """cell -> period -> its row of ``cell_month``."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for record in await pool.fetch(
        "SELECT * FROM view_wall.cell_month WHERE cell = ANY ($1) AND period BETWEEN $2 AND $3",
        cells,
        f"{year}-01",
        f"{year}-12",
    ):
        found.setdefault(record["cell"], {})[record["period"]] = dict(record)
    return found


def _row(record: asyncpg.Record, months: Mapping[str, Mapping[str, Any]]) -> Row:
    values = dict(record)
    place = Place(
        **{name: values[name] for name in Place.__dataclass_fields__}
        | {"path": tuple(values["path"]), "kind": OrganisationKind(values["kind"])}
    )
    return Row(place, {name: values[name] for name in COUNTERS}, values["last_met"], values["sort_key"], months)
