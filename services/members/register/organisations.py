"""The commands on organisations. All raise `Refused`, `StaleVersion` and `KeyReused`."""

from datetime import date

from services.members.domain.organisation import Dissolve, Establish, Move, Rename, SetFixedDay
from services.members.register.desk import Desk
from services.members.register.facts import ORGANISATION, changing_the_tree, parent_facts, relying_on_the_tree
from shared.commands import execute
from shared.eventlog import Appended, Command
from shared.events.members import OrganisationKind, Sector
from shared.ids import new_id
from shared.organisations import ORGANISATIONS, children
from shared.roster import ROSTER


async def establish(
    desk: Desk,
    command: Command,
    *,
    parent: str | None,
    kind: OrganisationKind,
    sector: Sector,
    name: str,
    country: str = "VN",
    fixed_meeting_day: int | None = None,
    effective_on: date,
    organisation: str | None = None,
) -> Appended:
    """Establish an organisation; its id (a new one unless given) is in the answer as ``organisation``."""
    id = organisation or new_id()
    async with relying_on_the_tree(desk) as connection:
        order = Establish(
            organisation=id,
            parent_id=parent,
            parent=await parent_facts(desk, connection, parent),
            kind=kind,
            sector=sector,
            name=name,
            country=country,
            fixed_meeting_day=fixed_meeting_day,
            effective_on=effective_on,
            today=desk.today,
        )
        return await execute(
            desk.log, ORGANISATION, id, order,
            key=id, command=command, answer={"organisation": id}, connection=connection,
        )  # fmt: skip


async def rename(
    desk: Desk, command: Command, id: str, *, name: str, effective_on: date, expected_version: int | None = None
) -> Appended:
    order = Rename(name, effective_on, desk.today)
    return await execute(desk.log, ORGANISATION, id, order, key=id, command=command, expected_version=expected_version)


async def set_fixed_day(
    desk: Desk, command: Command, id: str, *, day: int | None, effective_on: date, expected_version: int | None = None
) -> Appended:
    """``day`` of the month, 1 to 31; None: the cell has no fixed day."""
    order = SetFixedDay(day, effective_on, desk.today)
    return await execute(desk.log, ORGANISATION, id, order, key=id, command=command, expected_version=expected_version)


async def move(
    desk: Desk,
    command: Command,
    id: str,
    *,
    parent: str,
    effective_on: date,
    decision: str,
    expected_version: int | None = None,
) -> Appended:
    """The organisation with all that stands under it goes under ``parent``."""
    async with changing_the_tree(desk) as connection:
        order = Move(await parent_facts(desk, connection, parent), effective_on, decision, desk.today)
        return await execute(
            desk.log, ORGANISATION, id, order,
            key=id, command=command, expected_version=expected_version, connection=connection,
        )  # fmt: skip


async def dissolve(
    desk: Desk, command: Command, id: str, *, effective_on: date, decision: str, expected_version: int | None = None
) -> Appended:
    """Refused while members are on its roll or organisations stand under it."""
    async with changing_the_tree(desk) as connection:
        await desk.up_to_date(ROSTER, id)
        await desk.up_to_date(ORGANISATIONS)
        members = await connection.fetchval(
            "SELECT count(*) FROM view_roster.member WHERE cell = $1 AND left_on IS NULL", id
        )
        below = await children(connection, id)
        order = Dissolve(effective_on, decision, members, len(below), desk.today)
        return await execute(
            desk.log, ORGANISATION, id, order,
            key=id, command=command, expected_version=expected_version, connection=connection,
        )  # fmt: skip
