"""How events change the tree, in whatever order organisations arrive: partitions do not wait for each other."""

from typing import Any

from shared.eventlog import Recorded
from shared.events.members import (
    FixedMeetingDaySet,
    OrganisationDissolved,
    OrganisationEstablished,
    OrganisationMoved,
    OrganisationRenamed,
)
from shared.organisations.periods import Period, changed_from, ended_on
from shared.streams import Changes, Spot, Table, View

ORGANISATION = Table(
    "organisation",
    columns={
        "id": "text NOT NULL",
        "parent": "text",
        "path": "text[] NOT NULL",  # from the highest ancestor known to itself
        "kind": "text NOT NULL",
        "sector": "text NOT NULL",
        "name": "text NOT NULL",
        "country": "text NOT NULL",
        "fixed_meeting_day": "integer",
        "established_on": "date NOT NULL",
        "dissolved_on": "date",
    },
    key=("id",),
    indexes=("(parent)", "USING gin (path)"),
)

HISTORY = Table(
    "history",
    columns={
        "organisation": "text NOT NULL",
        "valid_from": "date NOT NULL",
        "valid_to": "date",
        "parent": "text",
        "name": "text NOT NULL",
        "fixed_meeting_day": "integer",
    },
    key=("organisation", "valid_from"),
    indexes=("(parent, valid_from)",),
)

# Applied one batch at a time: a move reaches into rows of other partitions.
ORGANISATIONS = View("organisations", version=1, sources=["members"], tables=[ORGANISATION, HISTORY])


@ORGANISATIONS.on(OrganisationEstablished)
async def established(changes: Changes, e: Recorded[OrganisationEstablished]) -> None:
    told = e.data
    row = await changes.row(ORGANISATION, id=told.organisation)
    row |= {
        "parent": told.parent,
        "path": [told.organisation],
        "kind": told.kind,
        "sector": told.sector,
        "name": told.name,
        "country": told.country,
        "fixed_meeting_day": told.fixed_meeting_day,
        "established_on": told.effective_on,
    }
    period = await changes.row(HISTORY, organisation=told.organisation, valid_from=told.effective_on)
    period |= {"parent": told.parent, "name": told.name, "fixed_meeting_day": told.fixed_meeting_day}
    await _place(changes, row)


@ORGANISATIONS.reads(OrganisationEstablished, OrganisationMoved)
def itself_and_above(event: OrganisationEstablished | OrganisationMoved) -> list[Spot]:
    above = [ORGANISATION.at(event.parent)] if event.parent else []
    return [ORGANISATION.at(event.organisation), *above]


@ORGANISATIONS.reads(OrganisationEstablished)
def first_period(event: OrganisationEstablished) -> list[Spot]:
    return [HISTORY.at(event.organisation, event.effective_on)]


@ORGANISATIONS.on(OrganisationMoved)
async def moved(changes: Changes, e: Recorded[OrganisationMoved]) -> None:
    row = await _known(changes, e.data.organisation)
    row["parent"] = e.data.parent
    await _place(changes, row)
    await _changed(changes, e.data, parent=e.data.parent)


@ORGANISATIONS.on(OrganisationRenamed)
async def renamed(changes: Changes, e: Recorded[OrganisationRenamed]) -> None:
    row = await _known(changes, e.data.organisation)
    row["name"] = e.data.name
    await _changed(changes, e.data, name=e.data.name)


@ORGANISATIONS.on(FixedMeetingDaySet)
async def fixed_day_set(changes: Changes, e: Recorded[FixedMeetingDaySet]) -> None:
    row = await _known(changes, e.data.organisation)
    row["fixed_meeting_day"] = e.data.day
    await _changed(changes, e.data, fixed_meeting_day=e.data.day)


@ORGANISATIONS.on(OrganisationDissolved)
async def dissolved(changes: Changes, e: Recorded[OrganisationDissolved]) -> None:
    row = await _known(changes, e.data.organisation)
    row["dissolved_on"] = e.data.effective_on
    await _rewrite(changes, row["id"], ended_on(await _periods(changes, row["id"]), e.data.effective_on))


async def _known(changes: Changes, organisation: str) -> dict[str, Any]:
    row = await changes.find(ORGANISATION, id=organisation)
    if row is None:  # its own events are in order, so this is a damaged log: to be parked and seen
        raise LookupError(f"organisation {organisation} was never established")
    return row


async def _place(changes: Changes, row: dict[str, Any]) -> None:
    """Give the organisation, and all that hangs under it, the path its parent gives it."""
    above = await changes.find(ORGANISATION, id=row["parent"]) if row["parent"] else None
    row["path"] = [*(above["path"] if above else []), row["id"]]
    level, placed = {row["id"]: row}, {row["id"]}
    while level:
        below = await changes.select(ORGANISATION, "parent = ANY($1::text[])", list(level))
        below = [child for child in below if child["id"] not in placed]  # no command makes a ring; never loop on one
        for child in below:
            child["path"] = [*level[child["parent"]]["path"], child["id"]]
        level = {child["id"]: child for child in below}
        placed |= level.keys()


async def _changed(
    changes: Changes, told: OrganisationMoved | OrganisationRenamed | FixedMeetingDaySet, **values: Any
) -> None:
    periods = await _periods(changes, told.organisation)
    await _rewrite(changes, told.organisation, changed_from(periods, told.effective_on, **values))


async def _periods(changes: Changes, organisation: str) -> list[Period]:
    rows = await changes.select(HISTORY, "organisation = $1", organisation)
    return [
        Period(
            row["valid_from"], row["valid_to"], {name: row[name] for name in ("parent", "name", "fixed_meeting_day")}
        )
        for row in sorted(rows, key=lambda row: row["valid_from"])
    ]


async def _rewrite(changes: Changes, organisation: str, periods: list[Period]) -> None:
    kept = {period.valid_from for period in periods}
    for old in await _periods(changes, organisation):
        if old.valid_from not in kept:
            changes.delete(HISTORY, organisation=organisation, valid_from=old.valid_from)
    for period in periods:
        row = await changes.row(HISTORY, organisation=organisation, valid_from=period.valid_from)
        row |= {"valid_to": period.valid_to, **period.values}
