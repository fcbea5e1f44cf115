"""Who is there before anything breaks: a committee with its office and its inspector, cells with their secretaries."""

from datetime import date

from services.members.access import accounts
from services.members.domain.account import OpenAccount
from services.members.domain.office import AssignOffice
from services.members.register import organisations
from services.members.register.desk import desk_of
from shared.eventlog import Command
from shared.events.members import Office, OrganisationKind, Sector
from shared.ids import new_id
from shared.service import Context
from tests.e2e.cell import founded
from tests.faults.fleet import Fleet
from tests.faults.load import Bloc
from tests.support.people import Person

PASSWORD = "sinh hoat deu dan"  # of people who are made up
SINCE = date(2020, 1, 1)
CELLS = 3


async def begin(ctx: Context) -> str:
    """The committee and its two people, by the members service's own commands. Returns the committee's id."""
    root = new_id()
    await organisations.establish(
        desk_of(ctx),
        _command(),
        parent=None,
        kind=OrganisationKind.GRASSROOTS_COMMITTEE,
        sector=Sector.VILLAGE,
        name="Đảng bộ xã thử",
        effective_on=SINCE,
        organisation=root,
    )
    for login, office in (("vanphong", Office.COMMITTEE_OFFICE), ("ubkt", Office.INSPECTOR)):
        account = new_id()
        await accounts.open_account(ctx, OpenAccount(account, root), login, _command())
        await accounts.set_password(ctx, account, PASSWORD)
        order = AssignOffice(new_id(), root, account, office, SINCE, by_operator=True)
        await accounts.assign_office(ctx, order, _command())
    return root


def settle(fleet: Fleet, root: str) -> Bloc:
    """The cells and their secretaries, over HTTP; they are gone with the fleet."""
    office = Person("http://chibo", "vanphong", PASSWORD, fleet.transport)
    cells = [founded(office.url, office, root) for _ in range(CELLS)]
    return Bloc(cells, office, office.another("ubkt", PASSWORD))


def _command() -> Command:
    return Command(actor="operator:test", correlation=new_id())
