"""Who is told what, where: from the fact in another service's log to the inbox and the mail."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterable
from datetime import date, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from services.notifications.mail import deliver_due
from services.notifications.policies import tell
from shared.clock import period_of, system_clock, vietnam_date
from shared.events.inspection import RemarkRecorded
from shared.events.meetings import CellMonthMissed
from shared.events.members import (
    MemberAdmitted,
    MemberStatus,
    Office,
    OfficeAssigned,
    OrganisationEstablished,
    OrganisationKind,
    Sector,
)
from shared.ids import new_id
from shared.privacy import UNKNOWN, Keyring, PersonKey, new_key, seal
from shared.roster import ROSTER
from tests.support.house import House, actor, open_house

TODAY = vietnam_date(system_clock())
COMMITTEE, CELL, OTHER = "committee", "cell-na-loi", "cell-other"
SECRETARY = actor("secretary", (Office.CELL_SECRETARY, CELL))
INSPECTOR = actor("inspector", (Office.INSPECTOR, COMMITTEE))
STRANGER = actor("stranger", (Office.CELL_SECRETARY, OTHER))


def established(organisation: str, parent: str | None, kind: OrganisationKind, name: str) -> OrganisationEstablished:
    return OrganisationEstablished(
        organisation=organisation,
        parent=parent,
        kind=kind,
        sector=Sector.VILLAGE,
        name=name,
        effective_on=date(2020, 1, 1),
    )


class Lent(Keyring):
    """The keys that members would lend."""

    def __init__(self, lent: dict[str, PersonKey]) -> None:
        self.lent = lent

    async def keys(self, people: Iterable[str]) -> dict[str, PersonKey]:
        return {person: self.lent.get(person, UNKNOWN) for person in people}


async def given_a_commune(house: House, email: str | None = None, above: str | None = None) -> None:
    """A committee with two cells; the secretary of one has an e-mail address."""
    member, key = "member-1", new_key()
    house.ctx("notifications").keyring = Lent({member: key})
    facts = (
        ("organisation", COMMITTEE, established(COMMITTEE, above, OrganisationKind.GRASSROOTS_COMMITTEE, "Đảng bộ xã")),
        ("organisation", CELL, established(CELL, COMMITTEE, OrganisationKind.CELL, "Chi bộ bản Nà Lơi")),
        ("organisation", OTHER, established(OTHER, COMMITTEE, OrganisationKind.CELL, "Chi bộ phố 1")),
    )
    for category, key_, event in facts:
        await house.given("members", f"{category}:{key_}", event, key=key_)
    if email:
        admitted = MemberAdmitted(
            member=member,
            cell=CELL,
            status=MemberStatus.OFFICIAL,
            admitted_on=date(2020, 1, 1),
            full_name=seal(key, member, "full_name", "Lò Thị Hoa"),
            email=seal(key, member, "email", email),
        )
        await house.given("members", f"member:{member}", admitted, key=CELL)
    assigned = OfficeAssigned(
        assignment="a1",
        account="secretary",
        member=member,
        office=Office.CELL_SECRETARY,
        organisation=CELL,
        from_on=date(2020, 1, 1),
    )
    await house.caught_up("notifications", ROSTER, await house.given("members", "office:a1", assigned, key=CELL))
    await house.settled()


def missed(window_end: date = TODAY - timedelta(days=1)) -> CellMonthMissed:
    return CellMonthMissed(cell=CELL, period=period_of(window_end), window_end=window_end, noticed_at=system_clock())


async def give_missed(house: House, event: CellMonthMissed) -> None:
    at = await house.given("meetings", f"cell-month:{CELL}:{event.period}", event, key=CELL)
    await house.caught_up("notifications", tell.name, at)
    await house.settled()


async def inbox(house: House, who: Any) -> list[dict[str, Any]]:
    answer = await house.client("notifications", who).get("/notifications/api/v1/inbox")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.practice(62)
async def test_a_missed_month_is_told_to_the_cell_and_to_the_level_above_and_to_nobody_else(house: House) -> None:
    await given_a_commune(house)
    await give_missed(house, missed())
    (told,) = await inbox(house, SECRETARY)
    assert told["text"].startswith("Chi bộ bản Nà Lơi: chưa sinh hoạt thường kỳ tháng ")
    (above,) = await inbox(house, INSPECTOR)
    assert above["notification"] == told["notification"]
    assert above["text"].startswith("Chi bộ bản Nà Lơi, Đảng bộ xã: chưa sinh hoạt")
    assert await inbox(house, STRANGER) == []


def inspector_of(organisation: str) -> OfficeAssigned:
    return OfficeAssigned(
        assignment=f"inspector-of-{organisation}",
        account=f"inspector-of-{organisation}",
        office=Office.INSPECTOR,
        organisation=organisation,
        from_on=date(2020, 1, 1),
    )


async def test_where_the_committee_has_no_inspector_the_next_level_is_told(house: House) -> None:
    province_is = established("province", None, OrganisationKind.SUPERIOR_COMMITTEE, "Đảng bộ tỉnh")
    await house.given("members", "organisation:province", province_is, key="province")
    await house.given("members", "office:p1", inspector_of("province"), key="province")
    await given_a_commune(house, above="province")
    await house.settled()
    await give_missed(house, missed())
    province = actor("province-inspector", (Office.INSPECTOR, "province"))
    assert len(await inbox(house, province)) == 1
    assert await inbox(house, INSPECTOR) == []
    await house.given("members", "office:c1", inspector_of(COMMITTEE), key=COMMITTEE)
    await house.settled()
    assert len(await inbox(house, INSPECTOR)) == 1
    assert await inbox(house, province) == []


@pytest.mark.practice(106)
async def test_a_remark_is_told_to_the_cells_leaders_and_leads_to_where_it_is_written(house: House) -> None:
    await given_a_commune(house)
    remark = RemarkRecorded(remark="r1", cell=CELL, period="2026-10", text="Nên ghi rõ.", remarked_at=system_clock())
    at = await house.given("inspection", f"cell-remarks:{CELL}", remark, key=CELL)
    await house.caught_up("notifications", tell.name, at)
    await house.settled()
    (told,) = await inbox(house, SECRETARY)
    assert told["text"] == "Chi bộ bản Nà Lơi: cấp trên có nhận xét về sinh hoạt tháng 10/2026."
    assert told["link"] == f"/inspection/cells/{CELL}?year=2026#remarks"
    assert await inbox(house, STRANGER) == []


async def test_a_gap_of_long_ago_tells_nobody(house: House) -> None:
    await given_a_commune(house)
    await give_missed(house, missed(TODAY - timedelta(days=60)))
    assert await inbox(house, SECRETARY) == []


async def test_what_one_has_read_stays_unread_for_another(house: House) -> None:
    await given_a_commune(house)
    await give_missed(house, missed())
    (told,) = await inbox(house, SECRETARY)
    path = f"/notifications/api/v1/inbox/{told['notification']}/read"
    answer = await house.client("notifications", SECRETARY).post(path, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 200, answer.text
    again = await house.client("notifications", SECRETARY).post(path, headers={"Idempotency-Key": "k1"})
    assert again.json()["repeated"] is True
    assert (await inbox(house, SECRETARY))[0]["read_at"] is not None
    assert (await inbox(house, INSPECTOR))[0]["read_at"] is None


async def test_a_notification_that_is_not_mine_is_not_there(house: House) -> None:
    await given_a_commune(house)
    await give_missed(house, missed())
    (told,) = await inbox(house, SECRETARY)
    path = f"/notifications/api/v1/inbox/{told['notification']}/read"
    answer = await house.client("notifications", STRANGER).post(path)
    assert (answer.status_code, answer.json()["rule"]) == (404, "notification.exists")


async def test_the_inbox_page_shows_what_awaits_and_opening_it_leads_there(house: House) -> None:
    await given_a_commune(house)
    await give_missed(house, missed())
    client = house.client("notifications", SECRETARY)
    page = await client.get("/notifications")
    assert page.status_code == 200
    assert "Chi bộ bản Nà Lơi" in page.text
    (told,) = await inbox(house, SECRETARY)
    opened = await client.post(f"/notifications/{told['notification']}/open", data={"idempotency_key": new_id()})
    assert (opened.status_code, opened.headers["location"]) == (303, f"/inspection/cells/{CELL}")


class Post:
    """A mail server that keeps what it is given, and refuses as often as it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse = 0
        self.port = 0
        self.came = threading.Event()
        self.refused = threading.Event()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        if self.refuse:
            self.refuse -= 1
            self.refused.set()
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content, policy=default_policy))
        self.came.set()
        return "250 OK"


@pytest.fixture
def post() -> Any:
    handler = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:  # the controller must know its port before it starts
        handler.port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
async def mailing(postgres_url: str, redis_url: str, post: Post) -> AsyncIterator[House]:
    smtp = f"smtp://127.0.0.1:{post.port}"
    async with open_house(postgres_url, redis_url, "notifications", smtp_url=smtp) as opened:
        yield opened


@pytest.mark.practice(121)
async def test_the_secretary_is_told_by_mail_once_and_without_content(mailing: House, post: Post) -> None:
    await given_a_commune(mailing, "hoa@example.invalid")
    await give_missed(mailing, missed())
    assert await asyncio.to_thread(post.came.wait, 20)
    await deliver_due(mailing.ctx("notifications"))
    (mail,) = post.mails
    assert mail["To"] == "hoa@example.invalid"
    assert "Chi bộ bản Nà Lơi" in str(mail["Subject"])
    assert f"/inspection/cells/{CELL}" in mail.get_content()


async def test_a_mail_server_that_is_away_is_tried_again_later(mailing: House, post: Post) -> None:
    post.refuse = 1
    await given_a_commune(mailing, "hoa@example.invalid")
    await give_missed(mailing, missed())
    ctx = mailing.ctx("notifications")
    assert await asyncio.to_thread(post.refused.wait, 20)
    row = await ctx.pool.fetchrow("select * from delivery for update")  # waits for the attempt to be noted
    assert (row["state"], post.mails) == ("pending", [])
    assert row["next_attempt_at"] > system_clock()
    await ctx.pool.execute("update delivery set next_attempt_at = now()")
    await deliver_due(ctx)
    assert len(post.mails) == 1
    assert await ctx.pool.fetchval("select state from delivery") == "sent"
