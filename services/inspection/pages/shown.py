"""What the wall's page shows, gathered: squares with their words, sums of rows, figures, the tree."""

from dataclasses import dataclass
from typing import Final

import asyncpg

from services.inspection.domain.names import short_name
from services.inspection.domain.square import CommitteeSquare, Square, State, committee_square, rounded, square
from services.inspection.pages.address import PAGE_ROWS, Address, cursor_of
from services.inspection.pages.words import committee_square_says, rate, square_says
from services.inspection.views.wall.places import Place, committees_of, committees_under, places
from services.inspection.views.wall.rows import Row, cell_rows, rows_of
from services.inspection.views.wall.sums import NOTHING, Sum, periods_of, sums_of

_NO_TEXT: Final = {
    State.AHEAD: "–",
    State.UNKNOWN: "·",
    State.OUTSIDE: "",
    State.MISSED: "0",
    State.HELD: "–",
    State.LATE: "–",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One square as markup wants it."""

    css: str
    text: str
    says: str
    href: str | None
    id: str = ""  # of a month that may still change: a change is then softly marked


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A cell or a committee across the months, with its two sums. ``members`` stands beside a cell's name."""

    id: str
    name: str
    href: str
    beside: str
    squares: list[Shown]
    met: int
    of: int
    percent: int | None
    says: str  # the attendance with its numerator and base
    committee: bool = False


@dataclass(frozen=True, slots=True)
class ShownRows:
    rows: list[ShownRow]
    after: str | None = None  # cursor of the next page

    @property
    def committees(self) -> bool:
        return any(row.committee for row in self.rows)

    @property
    def cells(self) -> bool:
        return any(not row.committee for row in self.rows)


def month_name(period: str) -> str:
    """``T11``, as the heads of the columns say it."""
    return f"T{int(period[5:])}"


def shown_square(found: Square, period: str, id: str = "") -> Shown:
    marks = [found.state.value]
    marks += [mark for mark, on in (("thematic", found.thematic), ("unsent", found.unsent), ("now", found.now)) if on]
    met = found.state in (State.HELD, State.LATE)
    text = str(found.percent) if met and found.percent is not None else "…" if found.now else _NO_TEXT[found.state]
    href = f"/meetings/{found.meeting}/minutes" if found.meeting else None
    return Shown(" ".join(marks), text, square_says(found, month_name(period)), href, id)


def shown_committee_square(found: CommitteeSquare, period: str, href: str) -> Shown:
    marks = [found.state.value]
    marks += [mark for mark, on in (("unsent", found.unsent), ("now", found.now)) if on]
    counted = found.met or found.missed
    text = str(found.percent) if counted and found.percent is not None else _NO_TEXT[found.state]
    return Shown(
        " ".join(marks), text, committee_square_says(found, month_name(period)),
        href if found.state is not State.OUTSIDE else None,
    )  # fmt: skip


def shown_cell(row: Row, year: int, present: str, committee: str | None = None) -> ShownRow:
    """``committee``: the name of the one it stands under, where that is not the one whose wall it is."""
    squares = [
        shown_square(
            square(row.months.get(period), period=period, present_period=present, was_there=row.place.is_due(period)),
            period,
            id=f"{row.place.organisation}-{period}" if period == present else "",
        )
        for period in periods_of(year)
    ]
    counts, cell = row.year, row.place
    met = counts["held"] + counts["late"]
    return ShownRow(
        id=cell.organisation,
        name=", ".join(filter(None, (short_name(cell.name), committee))),
        href=f"/inspection/cells/{cell.organisation}?year={year}",
        beside=str(cell.members),
        squares=squares,
        met=met,
        of=met + counts["missed"],
        percent=rounded(counts["present"], counts["due"]),
        says=rate(counts["present"], counts["due"]),
    )


def shown_committee(committee: Place, sums: dict[str, Sum], address: Address) -> ShownRow:
    total = sum((sums[period] for period in periods_of(address.year)), NOTHING)
    href = address.to(organisation=committee.organisation, name="", sector=None, only=None)
    return ShownRow(
        id=committee.organisation,
        name=committee.name,
        href=href,
        beside=str(committee.cells),
        squares=[
            shown_committee_square(
                committee_square(
                    sums[period].counts, sums[period].cells_due, period=period, present_period=address.present
                ),
                period,
                href,
            )
            for period in periods_of(address.year)
        ],
        met=total.met,
        of=total.met + total["missed"],
        percent=rounded(total["present"], total["due"]),
        says=rate(total["present"], total["due"]),
        committee=True,
    )


async def shown_rows(pool: asyncpg.Pool, address: Address, has_committees: bool) -> ShownRows:
    """The committees of the next level with its own cells after them, or the cells of the whole subtree."""
    level = has_committees and not address.everything and not address.is_filtered
    start = address.start()
    committees = await committees_under(pool, address.organisation) if level and start is None else []
    sums = await sums_of(pool, [one.organisation for one in committees], address.year) if committees else {}
    wanted = address.wanted(everything=not level)
    cells = await cell_rows(pool, address.organisation, wanted, start)
    after = (
        cursor_of(cells[PAGE_ROWS - 1].key, cells[PAGE_ROWS - 1].place.organisation) if len(cells) > PAGE_ROWS else None
    )
    rows = [shown_committee(one, sums[one.organisation], address) for one in committees]
    return ShownRows(rows + await _shown_cells(pool, address, cells[:PAGE_ROWS]), after)


async def shown_again(pool: asyncpg.Pool, address: Address, organisations: list[str]) -> ShownRows:
    """The named rows, for live changes."""
    named = await places(pool, organisations)
    committees = [one for one in named if not one.is_cell and address.organisation in one.path]
    sums = await sums_of(pool, [one.organisation for one in committees], address.year)
    cells = await rows_of(pool, address.organisation, organisations, address.year)
    rows = [shown_committee(one, sums[one.organisation], address) for one in committees]
    return ShownRows(rows + await _shown_cells(pool, address, cells))


async def _shown_cells(pool: asyncpg.Pool, address: Address, rows: list[Row]) -> list[ShownRow]:
    committees = await committees_of(pool, [row.place for row in rows], address.organisation)
    return [shown_cell(row, address.year, address.present, committees.get(row.place.organisation)) for row in rows]
