"""The simulation goes through the meetings service, to the end, and says what it is."""

from datetime import date

from deploy.local.demo.simulate import Simulation
from deploy.local.demo.story import Place
from services.meetings.domain.meeting import Phase
from services.meetings.handlers import read_meeting
from shared.events.meetings import Entry
from shared.events.members import (
    MemberAdmitted,
    MemberStatus,
    OrganisationEstablished,
    OrganisationKind,
    Sector,
)
from shared.privacy import new_key, seal
from tests.support.house import House, open_house

CELL = Place("cell", None, OrganisationKind.CELL, Sector.VILLAGE, "Chi bộ bản Nà Lơi", members=4)


async def given_a_cell(house: House) -> None:
    established = OrganisationEstablished(
        organisation=CELL.id,
        parent=None,
        kind=CELL.kind,
        sector=CELL.sector,
        name=CELL.name,
        effective_on=date(2020, 1, 1),
    )
    await house.given("members", "organisation:cell", established, key=CELL.id)
    for number in range(CELL.members):
        member, key = f"member-{number}", new_key()
        admitted = MemberAdmitted(
            member=member,
            cell=CELL.id,
            status=MemberStatus.OFFICIAL,
            admitted_on=date(2010, 1, 1),
            full_name=seal(key, member, "full_name", "Lò Thị Hoa"),
        )
        await house.given("members", f"member:{member}", admitted, key=CELL.id)
    await house.settled()


async def test_a_simulated_meeting_goes_its_whole_way_and_says_that_it_is_simulated(
    postgres_url: str, redis_url: str
) -> None:
    async with open_house(postgres_url, redis_url, "meetings") as house:
        await given_a_cell(house)
        simulation = Simulation(house.ctx("meetings"), cells=[CELL])
        meeting = await simulation.begin()
        for _ in range(20):
            if meeting not in simulation.under_way:
                break
            await simulation.go_on(meeting, CELL.id)
        state, _ = await read_meeting(house.ctx("meetings"), meeting)
        assert (state.phase, state.entry) == (Phase.SENT_UP, Entry.SIMULATED)
        assert len(state.spoke) / len(state.present) > 0.5
        assert state.closing is not None
        assert state.closing.minutes >= 90


async def test_what_a_killed_run_left_open_is_taken_up_again(postgres_url: str, redis_url: str) -> None:
    async with open_house(postgres_url, redis_url, "meetings") as house:
        await given_a_cell(house)
        first = Simulation(house.ctx("meetings"), cells=[CELL])
        meeting = await first.begin()
        await house.settled()
        second = Simulation(house.ctx("meetings"), cells=[CELL])
        await second.take_up()
        assert second.under_way == {meeting: CELL.id}
