"""Checking a roster file against the register, and taking its good rows in."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

import asyncpg

from services.members.imports.columns import plain
from services.members.imports.report import BadRow, GoodRow, Reason, Report
from services.members.imports.rows import Manner, read_row
from services.members.imports.workbook import read_workbook
from services.members.register.desk import Desk
from services.members.register.people import admit
from services.members.views.identity import IDENTITY, identities
from shared.eventlog import Appended, Command
from shared.organisations import ORGANISATIONS, Organisation, cells_under
from shared.refusal import Refused

_ONE_AT_A_TIME: Final = 0x726F7374  # advisory lock: two imports must not both find a person missing
_AT_ONCE: Final = 200  # members admitted in one transaction

Progress = Callable[[int, int], None]
"""Told (rows taken in, rows to take in)."""


async def check(desk: Desk, content: bytes, roots: Sequence[str], cell: str | None = None) -> Report:
    """What an import of the .xlsx ``content`` would do: nothing is written.

    ``roots``: the subtrees whose cells the importer may fill; ``cell``: the cell of rows that name none.
    Raises `Unreadable` when the file as a whole makes no sense, `Refused` (``request.not_ready``) while views lag.
    """
    sheet = await asyncio.to_thread(read_workbook, content)
    await desk.up_to_date(ORGANISATIONS)
    await desk.up_to_date(IDENTITY)
    cells = {one.id: one for root in roots for one in await cells_under(desk.pool, root)}
    manner = Manner(
        find_cell=_finder(cells.values()),
        cell=cell if cell in cells else None,
        tells_official_days="official_on" in sheet.fields,
        today=desk.today,
    )
    read = [read_row(row, manner) for row in sheet.rows]
    return await _told_apart(desk, read)


async def take_in(
    desk: Desk,
    command: Command,
    content: bytes,
    roots: Sequence[str],
    cell: str | None = None,
    progress: Progress | None = None,
) -> tuple[Report, Appended | None]:
    """Admit the good rows, cell by cell; the same file again adds nobody. The last append, if there was any."""
    command = replace(command, key=None, fingerprint=None)  # the roll itself tells what was done, also in part
    async with desk.pool.acquire() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", _ONE_AT_A_TIME)
        try:
            report = await check(desk, content, roots, cell)
            by_cell: dict[str, list[GoodRow]] = defaultdict(list)
            for row in report.good:
                by_cell[row.cell].append(row)
            taken, last = 0, None
            for one, rows in by_cell.items():
                for start in range(0, len(rows), _AT_ONCE):
                    batch = rows[start : start + _AT_ONCE]
                    last = await admit(desk, command, one, [row.admission for row in batch])
                    taken += len(batch)
                    if progress is not None:
                        progress(taken, len(report.good))
            return report, last
        finally:
            await _unlock(connection)


def _finder(cells: Iterable[Organisation]) -> Callable[[str], str]:
    by_name: dict[str, set[str]] = defaultdict(set)
    for cell in cells:
        for name in (cell.id, " ".join(cell.name.casefold().split()), plain(cell.name)):
            by_name[name].add(cell.id)

    def find(named: str) -> str:
        for name in (named, named.casefold(), plain(named), plain(f"chi bộ {named}")):
            if len(found := by_name.get(name, set())) == 1:
                return next(iter(found))
            if found:
                raise Refused("import.cell_named_clearly", name=named)
        raise Refused("import.cell_known", name=named)

    return find


async def _told_apart(desk: Desk, read: Sequence[GoodRow | BadRow]) -> Report:
    """New persons, those on the roll already, and those the file names twice."""
    report = Report()
    rolls: dict[str, dict[str, list[str | None]]] = {}
    seen: dict[tuple[str, str, str | None], int] = {}
    for row in read:
        if isinstance(row, BadRow):
            report.bad.append(row)
            continue
        if row.cell not in rolls:
            rolls[row.cell] = await _roll(desk, row.cell)
        name, born = plain_name(row.admission.person.full_name), row.admission.person.birth_date
        if any(_same_birth(born, other) for other in rolls[row.cell].get(name, [])):
            report.known.append(row)
        elif (row.cell, name, born) in seen:
            twice = Reason("import.named_once", {"row": seen[row.cell, name, born]})
            report.bad.append(BadRow(row.row, (twice,)))
        else:
            seen[row.cell, name, born] = row.row.number
            report.good.append(row)
    return report


async def _roll(desk: Desk, cell: str) -> dict[str, list[str | None]]:
    """Who is on the roll of a cell: names to birth dates, opened for this comparison only."""
    known = await identities(desk.pool, cell)
    names = await desk.keyring.open_many([(one.member, one.full_name) for one in known])
    births = await desk.keyring.open_many([(one.member, one.birth_date) for one in known], "birth_date")
    roll: dict[str, list[str | None]] = defaultdict(list)
    for name, born in zip(names, births, strict=True):
        if isinstance(name, str):
            roll[plain_name(name)].append(born if isinstance(born, str) else None)
    return roll


def plain_name(name: str) -> str:
    """A person's name for comparing: diacritics tell persons apart, case and spaces do not."""
    return " ".join(name.casefold().split())


def _same_birth(one: str | None, other: str | None) -> bool:
    """Whether two birth dates may be one: equal, or one knows less than the other."""
    return one is None or other is None or one.startswith(other) or other.startswith(one)


async def _unlock(connection: asyncpg.Connection) -> None:
    if not connection.is_closed():
        await connection.execute("SELECT pg_advisory_unlock($1)", _ONE_AT_A_TIME)
