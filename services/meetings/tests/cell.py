"""A cell on the register, with the people who meet: the real service beside the members it learns of them from."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from services.meetings.domain.meeting.agenda import CONCLUSION, DISCUSSION, item_id
from services.meetings.views.calendar import CALENDAR
from shared.clock import period_of, vietnam_date
from shared.eventlog import Appended
from shared.events.members import (
    MemberAdmitted,
    MemberStatus,
    Office,
    OfficeAssigned,
    OrganisationEstablished,
    OrganisationKind,
    Sector,
)
from shared.organisations import ORGANISATIONS
from shared.privacy import UNKNOWN, Keyring, PersonKey, new_key, seal
from shared.roster import ROSTER
from tests.support.house import House, actor, open_house

COMMITTEE, CELL, OTHER = "committee", "cell-mau", "cell-khac"
NAMES = {
    "thanh": "Lò Văn Mẫu Thanh",  # secretary
    "mai": "Tòng Thị Mẫu Mai",  # minute-taker
    "minh": "Quàng Văn Mẫu Minh",
    "hoa": "Lò Thị Mẫu Hoa",  # probationary
    "son": "Cà Văn Mẫu Sơn",  # exempt
}
FOUNDED = date(2020, 1, 1)


def afternoon(months: int = 0) -> datetime:
    """14:00 in Vietnam on the cell's fixed day of this month, or so many months later: the log keeps real time."""
    today = vietnam_date(datetime.now(UTC))
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return datetime(year, month + 1, 10, 7, 0, tzinfo=UTC)


def period(months: int = 0) -> str:
    return period_of(afternoon(months).date())


AFTERNOON = afternoon()

SECRETARY = actor("a-thanh", (Office.CELL_SECRETARY, CELL), member="thanh")
MINUTE_TAKER = actor("a-mai", (Office.MINUTE_TAKER, CELL), member="mai")
INSPECTOR = actor("a-inspector", (Office.INSPECTOR, COMMITTEE))
STRANGER = actor("a-stranger", (Office.CELL_SECRETARY, OTHER))


@dataclass
class Hands:
    """A clock that stands until it is moved."""

    now: datetime = AFTERNOON

    def __call__(self) -> datetime:
        return self.now

    def on(self, **span: float) -> None:
        self.now += timedelta(**span)


class Lent(Keyring):
    """The keys members would lend."""

    def __init__(self) -> None:
        self.lent: dict[str, PersonKey] = {member: new_key() for member in NAMES}

    async def keys(self, people: Iterable[str]) -> dict[str, PersonKey]:
        return {person: self.lent.get(person, UNKNOWN) for person in people}

    def sealed(self, member: str) -> str:
        key = self.lent[member]
        assert isinstance(key, bytes)
        return seal(key, member, "full_name", NAMES[member])


@dataclass
class Cell:
    house: House
    clock: Hands
    keys: Lent = field(default_factory=Lent)
    sent: int = 0

    @property
    def ctx(self) -> Any:
        return self.house.ctx("meetings")

    def browser(self, who: Any = SECRETARY) -> httpx.AsyncClient:
        return self.house.client("meetings", who)

    async def register(self) -> None:
        """The committee with two cells, and the five members of one of them."""
        self.ctx.keyring = self.keys
        last = [
            await self.established(COMMITTEE, None, OrganisationKind.GRASSROOTS_COMMITTEE, "Đảng bộ xã Mẫu"),
            await self.established(CELL, COMMITTEE, OrganisationKind.CELL, "Chi bộ bản Mẫu", fixed_meeting_day=10),
            await self.established(OTHER, COMMITTEE, OrganisationKind.CELL, "Chi bộ bản Khác"),
        ]
        for appended in last:
            await self.house.caught_up("meetings", ORGANISATIONS, appended)
            await self.house.caught_up("meetings", CALENDAR, appended)
        for member in NAMES:
            appended = await self.house.given(
                "members",
                f"member:{member}",
                MemberAdmitted(
                    member=member,
                    cell=CELL,
                    status=MemberStatus.PROBATIONARY if member == "hoa" else MemberStatus.OFFICIAL,
                    admitted_on=FOUNDED,
                    full_name=self.keys.sealed(member),
                    exempt=member == "son",
                ),
                key=CELL,
            )
            await self.house.caught_up("meetings", ROSTER, appended)
        for member, office in (("thanh", Office.CELL_SECRETARY), ("mai", Office.MINUTE_TAKER)):
            event = OfficeAssigned(
                assignment=f"o-{member}",
                account=f"a-{member}",
                member=member,
                office=office,
                organisation=CELL,
                from_on=FOUNDED,
            )
            appended = await self.house.given("members", f"office:o-{member}", event, key=CELL)
            await self.house.caught_up("meetings", ROSTER, appended)

    async def established(
        self, id: str, parent: str | None, kind: OrganisationKind, name: str, **more: Any
    ) -> Appended:
        given = {"sector": Sector.VILLAGE, "effective_on": FOUNDED, **more}
        event = OrganisationEstablished(organisation=id, parent=parent, kind=kind, name=name, **given)
        return await self.house.given("members", f"organisation:{id}", event, key=id)

    # What is asked of the service over HTTP; every answer is checked by the caller ---------------------------

    async def ask(self, path: str, body: Any = None, who: Any = SECRETARY, **headers: str) -> httpx.Response:
        return await self.browser(who).post(f"/meetings/api/v1{path}", json=body, headers=headers)

    async def done(self, path: str, body: Any = None, who: Any = SECRETARY, **headers: str) -> dict[str, Any]:
        answer = await self.ask(path, body, who, **headers)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def planned(self, **changes: Any) -> str:
        body = {"cell": CELL, "planned_at": self.clock().isoformat(), "place": "Nhà văn hóa bản"} | changes
        return str((await self.done("/meetings", body))["answer"]["meeting"])

    async def opened(self, **changes: Any) -> str:
        meeting = await self.planned(**changes)
        await self.done(f"/meetings/{meeting}/opening", {"chair": "thanh", "minute_taker": "mai"})
        return meeting

    async def gathered(self, **changes: Any) -> str:
        """An open meeting with its roll called: three came, one is excused, the exempt one stayed at home."""
        meeting = await self.opened(**changes)
        await self.call_the_roll(meeting)
        return meeting

    async def closed(self, **changes: Any) -> str:
        meeting = await self.opened(**changes)
        await self.hold(meeting)
        return meeting

    async def call_the_roll(self, meeting: str) -> None:
        records = [{"member": member, "status": "present"} for member in ("thanh", "mai", "hoa")]
        records.append({"member": "minh", "status": "excused", "reason": "đi công tác"})
        await self.done(f"/meetings/{meeting}/attendance", {"records": records})

    async def hold(self, meeting: str) -> None:
        """Everything from the roll-call to closing, of a meeting that is open."""
        await self.call_the_roll(meeting)
        said = {"item": item_id(meeting, DISCUSSION), "speaker": "hoa", "text": "Nhất trí với dự thảo."}
        await self.done(f"/meetings/{meeting}/statements", said)
        concluded = {"item": item_id(meeting, CONCLUSION), "text": "Giao đồng chí Minh vận động 12 hộ."}
        await self.done(f"/meetings/{meeting}/conclusions", concluded)
        self.clock.on(minutes=95)
        await self.done(f"/meetings/{meeting}/closing")

    async def paper(self, at: datetime, **changes: Any) -> str:
        """A page of the paper book, as short as one can be; everybody due came, nobody spoke."""
        page = {
            "cell": CELL,
            "planned_at": at.isoformat(),
            "place": "Nhà văn hóa bản",
            "opened_at": at.isoformat(),
            "closed_at": (at + timedelta(minutes=95)).isoformat(),
            "chair": "thanh",
            "minute_taker": "mai",
            "conclusion": "Nhất trí.",
        }
        done = await self.done("/paper-meetings", page | changes)
        await self.house.settled()
        return str(done["answer"]["meeting"])


@asynccontextmanager
async def open_cell(postgres_url: str, redis_url: str) -> AsyncIterator[Cell]:
    clock = Hands()
    async with open_house(postgres_url, redis_url, "members", "meetings", clock=clock) as house:
        cell = Cell(house, clock)
        await cell.register()
        yield cell
