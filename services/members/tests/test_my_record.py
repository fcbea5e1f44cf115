"""What a member sees of their own: the record, how it came to be, and who has read it."""

import httpx

from services.members.register import people
from services.members.tests.house import House
from services.members.tests.test_pages import text_of
from shared.events.members import Office
from shared.roster import ROSTER

MINE = "/members/me"


async def of_the_member(house: House, member: str) -> httpx.AsyncClient:
    browser = await house.browser((Office.MEMBER, "ban-2"), member=member)
    browser.headers["Accept"] = "text/html"
    return browser


async def test_a_member_reads_what_the_register_holds_and_how_it_came_to_be(house: House) -> None:
    member = await house.member("ban-2", birth_date="1990-05-19", phone="0900 000 001")
    await people.correct(house.desk, house.command(), member, decision="46-QĐ/ĐU", fields={"phone": "0900 000 002"})
    await house.desk.up_to_date(ROSTER)
    browser = await of_the_member(house, member)
    page = await browser.get(MINE)
    said = text_of(page)
    for text in ("Lò Thị Mẫu", "19/05/1990", "0900 000 002", "Chi bộ bản 2"):
        assert text in said
    assert "Sửa theo quyết định 46-QĐ/ĐU: Điện thoại" in said
    assert "0900 000 001" not in said
    assert f'href="{MINE}"' in page.text  # in the menu of every page
    assert "Chưa ai xem" in said


async def test_a_member_is_told_who_read_the_record_and_how_often(house: House) -> None:
    member, other = await house.member("ban-2"), await house.member("ban-2", "Quàng Văn Mẫu")
    await house.desk.up_to_date(ROSTER)
    office = await house.browser((Office.COMMITTEE_OFFICE, "xa"))
    for _ in range(3):
        await office.get(f"/members/people/{member}")
    await office.get("/members/organisations/ban-2")
    await office.get("/members/organisations/ban-10")  # another cell's roll
    await house.ctx.pool.execute("UPDATE reading SET at = now()")  # the log keeps real time; this house's clock stands
    said = text_of(await (await of_the_member(house, member)).get(MINE))
    assert "Hồ sơ: 3 lần trong ngày" in said
    assert said.count("Danh sách chi bộ") == 1
    theirs = text_of(await (await of_the_member(house, other)).get(MINE))
    assert "Hồ sơ: 3 lần" not in theirs
    assert "Danh sách chi bộ" in theirs


async def test_readers_are_named_by_the_office_they_held_that_day(house: House) -> None:
    member = await house.member("ban-2")
    office = await house.browser((Office.COMMITTEE_OFFICE, "xa"))
    account = (await office.get("/members/api/v1/me")).json()["account"]
    for term, until in (("committee_office", None), ("inspector", "2026-11-22")):  # the second has ended
        await house.ctx.pool.execute(
            "INSERT INTO view_roster.office (assignment, account, office, organisation, from_on, until_on)"
            " VALUES ($1, $2, $1, 'xa', '2025-01-01', $3::text::date)",
            term,
            account,
            until,
        )
    await house.desk.up_to_date(ROSTER)
    await office.get(f"/members/people/{member}")
    said = text_of(await (await of_the_member(house, member)).get(MINE))
    assert "Văn phòng cấp ủy · Đảng bộ xã Mẫu" in said
    assert "Ủy ban Kiểm tra" not in said


async def test_a_long_list_of_readers_goes_on_over_the_page(house: House) -> None:
    member = await house.member("ban-2")
    await house.desk.up_to_date(ROSTER)
    await house.ctx.pool.execute(
        "INSERT INTO reading (person, cell, account, what, at)"
        " SELECT $1, 'ban-2', 'reader-' || n, 'record', now() FROM generate_series(1, 25) n",
        member,
    )
    browser = await of_the_member(house, member)
    first = await browser.get(MINE)
    assert first.text.count("<p>Hồ sơ</p>") == 20
    before = first.text.split("?before=")[1].split("#")[0]
    assert (await browser.get(MINE, params={"before": before})).text.count("<p>Hồ sơ</p>") == 5


async def test_an_account_of_no_member_has_no_record_and_says_so(house: House) -> None:
    operator = await house.browser((Office.OPERATOR, "tinh"))
    operator.headers["Accept"] = "text/html"
    page = await operator.get(MINE)
    assert "không gắn với đảng viên nào" in text_of(page)
    assert f'href="{MINE}"' not in page.text


async def test_a_secretary_is_not_told_of_reading_the_own_cells_roll(house: House) -> None:
    member = await house.member("ban-2")
    await house.desk.up_to_date(ROSTER)
    secretary = await house.browser((Office.CELL_SECRETARY, "ban-2"), member=member)
    await secretary.get("/members/organisations/ban-2")
    await house.ctx.pool.execute("UPDATE reading SET at = now()")
    assert "Chưa ai xem" in text_of(await secretary.get(MINE))
