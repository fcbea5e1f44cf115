"""The wall's tree: where every cell stands, and the sums of all above it kept right when that changes."""

from collections.abc import Mapping
from typing import Any

from services.inspection.domain.month import COUNTERS, first_due, following, last_due
from services.inspection.domain.names import folded, ordered
from services.inspection.views.wall.judging import judge_all
from services.inspection.views.wall.tables import CELL_MONTH, DUE, ORGANISATION_MONTH, PLACE, SIZE, WALL
from shared.eventlog import Recorded
from shared.events.members import (
    MemberAdmitted,
    MemberLeft,
    OrganisationDissolved,
    OrganisationEstablished,
    OrganisationKind,
    OrganisationMoved,
    OrganisationRenamed,
)
from shared.streams import Changes, Spot
from shared.vietnam import period_of


@WALL.on(OrganisationEstablished)
async def established(change: Changes, recorded: Recorded[OrganisationEstablished]) -> None:
    event = recorded.data
    place = await change.row(PLACE, organisation=event.organisation)
    place |= {
        "parent": event.parent,
        "path": [event.organisation],
        "kind": event.kind.value,
        "sector": event.sector.value,
        "name": event.name,
        "sought": folded(event.name),
        "ordered": ordered(event.name),
        "since": first_due(event.effective_on),
        "stood_from": period_of(event.effective_on),
    }
    if event.kind is OrganisationKind.CELL:
        change.add(SIZE, {"organisation": event.organisation}, cells=1)
        change.add(DUE, {"organisation": event.organisation, "period": place["since"]}, cells=1)
        await judge_all(change, place)
    await _replace(change, event.organisation)


@WALL.on(OrganisationMoved)
async def moved(change: Changes, recorded: Recorded[OrganisationMoved]) -> None:
    place = await _known(change, recorded.data.organisation)
    place["parent"] = recorded.data.parent
    await _replace(change, recorded.data.organisation)


@WALL.on(OrganisationRenamed)
async def renamed(change: Changes, recorded: Recorded[OrganisationRenamed]) -> None:
    place = await _known(change, recorded.data.organisation)
    name = recorded.data.name
    place |= {"name": name, "sought": folded(name), "ordered": ordered(name)}
    change.touched(recorded.data.organisation)


@WALL.on(OrganisationDissolved)
async def dissolved(change: Changes, recorded: Recorded[OrganisationDissolved]) -> None:
    """The month before its end is the last in which a cell is due to meet."""
    place = await _known(change, recorded.data.organisation)
    if place["until"] is not None:
        return
    last = place["until"] = last_due(recorded.data.effective_on)
    place["stood_to"] = period_of(recorded.data.effective_on)
    if place["kind"] == OrganisationKind.CELL.value:
        for organisation in place["path"]:
            change.add(SIZE, {"organisation": organisation}, cells=-1)
            change.add(DUE, {"organisation": organisation, "period": max(following(last), place["since"])}, cells=-1)
        await judge_all(change, place)
    change.touched(recorded.data.organisation)


@WALL.on(MemberAdmitted)
async def admitted(change: Changes, recorded: Recorded[MemberAdmitted]) -> None:
    await _members(change, recorded.data.cell, 1)


@WALL.on(MemberLeft)
async def left(change: Changes, recorded: Recorded[MemberLeft]) -> None:
    await _members(change, recorded.data.cell, -1)


@WALL.reads(OrganisationEstablished, OrganisationMoved)
def place_and_above(event: OrganisationEstablished | OrganisationMoved) -> list[Spot]:
    above = [PLACE.at(event.parent)] if event.parent else []
    return [PLACE.at(event.organisation), *above]


@WALL.reads(MemberAdmitted, MemberLeft)
def place_of_cell(event: MemberAdmitted | MemberLeft) -> list[Spot]:
    return [PLACE.at(event.cell)]


async def _members(change: Changes, cell: str, amount: int) -> None:
    place = await change.find(PLACE, organisation=cell)
    for organisation in place["path"] if place else [cell]:  # one that has not arrived yet stands alone until it does
        change.add(SIZE, {"organisation": organisation}, members=amount)


async def _known(change: Changes, organisation: str) -> dict[str, Any]:
    place = await change.find(PLACE, organisation=organisation)
    if place is None:  # its own events are in order, so this is a damaged log: to be parked and seen
        raise LookupError(f"organisation {organisation} was never established")
    return place


async def _replace(change: Changes, organisation: str) -> None:
    """Give the organisation and all under it their paths, and move the sums of its cells along."""
    moved_cells: dict[str, tuple[list[str], list[str]]] = {}
    for place in await change.select(PLACE, "path @> ARRAY[$1]", organisation):
        old, new = place["path"], await _walk(change, place["organisation"])
        if old == new:
            continue
        place["path"] = new
        change.touched(place["organisation"])
        if place["kind"] == OrganisationKind.CELL.value:
            moved_cells[place["organisation"]] = old, new
    if not moved_cells:
        return
    cells = list(moved_cells)
    for row in await change.select(CELL_MONTH, "cell = ANY ($1)", cells):
        _carry(change, ORGANISATION_MONTH, row, moved_cells[row["cell"]], COUNTERS, period=row["period"])
    for row in await change.select(SIZE, "organisation = ANY ($1)", cells):
        _carry(change, SIZE, row, moved_cells[row["organisation"]], ("cells", "members"))
    for row in await change.select(DUE, "organisation = ANY ($1)", cells):
        _carry(change, DUE, row, moved_cells[row["organisation"]], ("cells",), period=row["period"])


def _carry(
    change: Changes,
    sums: Any,
    row: Mapping[str, Any],
    paths: tuple[list[str], list[str]],
    counters: tuple[str, ...],
    **key: str,
) -> None:
    """Take a cell's numbers from the ancestors it no longer has to those it has now."""
    old, new = paths
    amounts = {name: row[name] for name in counters if row[name]}
    if not amounts:
        return
    for organisation in set(old) - set(new):
        change.add(sums, {"organisation": organisation, **key}, **{name: -n for name, n in amounts.items()})
    for organisation in set(new) - set(old):
        change.add(sums, {"organisation": organisation, **key}, **amounts)


async def _walk(change: Changes, organisation: str) -> list[str]:
    """The path up to the highest ancestor known; moves that arrive out of order may make a ring for a while."""
    path = [organisation]
    place = await change.find(PLACE, organisation=organisation)
    while place is not None and place["parent"] is not None and place["parent"] not in path:
        path.insert(0, place["parent"])
        place = await change.find(PLACE, organisation=place["parent"])
    return path
