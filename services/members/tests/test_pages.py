"""The register's pages, as a committee office and a data protection officer use them."""

import re

import httpx
import pytest

from services.members.imports.tests.files import xlsx
from services.members.tests.house import House
from shared.events.members import Office
from shared.roster import ROSTER

ROWS = [
    ["Lò Thị Mẫu", "15/08/1962", "19/05/1990", "19/05/1991", "Chi bộ bản 2"],
    ["Quàng Văn Mẫu", "1980", "không nhớ", None, "Chi bộ bản 2"],
]


async def office(house: House) -> httpx.AsyncClient:
    return await house.browser((Office.COMMITTEE_OFFICE, "xa"))


def text_of(response: httpx.Response, status: int = 200) -> str:
    assert response.status_code == status, response.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


@pytest.mark.practice(75)
async def test_a_committee_office_comes_to_its_tree_with_head_counts(house: House) -> None:
    await house.member("ban-2")
    await house.desk.up_to_date(ROSTER)
    client = await office(house)
    start = await client.get("/members")
    assert (start.status_code, start.headers["location"]) == (303, "/members/organisations/xa")
    page = text_of(await client.get("/members/organisations/xa"))
    assert "Đảng bộ xã Mẫu" in page
    assert page.index("Chi bộ bản 2") < page.index("Chi bộ bản 10")
    assert "Đảng bộ tỉnh Mẫu" not in page  # what stands above is not theirs to open


@pytest.mark.practice(75)
async def test_a_day_in_the_past_shows_the_register_of_that_day(house: House) -> None:
    await house.member("ban-2")
    await house.desk.up_to_date(ROSTER)
    page = text_of(await (await office(house)).get("/members/organisations/ban-2", params={"on": "2020-12-31"}))
    assert "tính đến 31/12/2020" in page


async def test_a_member_is_added_and_read_and_what_was_typed_is_not_lost(house: House) -> None:
    client = await office(house)
    form = {"full_name": "Lò Thị Mẫu", "status": "official", "admitted_on": "1990-05-19", "official_on": "1980-01-01"}
    wrong = await client.post("/members/organisations/ban-2/members/new", data=form)
    assert "Ngày chính thức phải từ ngày vào Đảng" in text_of(wrong, 422)
    assert 'value="Lò Thị Mẫu"' in wrong.text
    incomplete = await client.post("/members/organisations/ban-2/members/new", data={**form, "admitted_on": ""})
    assert "chưa đúng hoặc còn thiếu" in text_of(incomplete, 422)
    done = await client.post("/members/organisations/ban-2/members/new", data={**form, "official_on": "1991-05-19"})
    assert done.status_code == 303
    roll = await client.get(done.headers["location"])
    assert "Lò Thị Mẫu" in text_of(roll)
    record = re.search(r"/members/people/[0-9a-f-]+", roll.text)
    assert record is not None
    assert "19/05/1990" in text_of(await client.get(record[0]))


@pytest.mark.practice(34)
async def test_the_fixed_day_is_set_on_the_cells_page(house: House) -> None:
    client = await office(house)
    wrong = await client.post("/members/organisations/ban-10/fixed-day", data={"day": "32"})
    assert "từ 1 đến 31" in text_of(wrong, 422)
    done = await client.post("/members/organisations/ban-10/fixed-day", data={"day": "5"})
    assert "sinh hoạt ngày 5 hằng tháng" in text_of(await client.get(done.headers["location"]))


async def test_a_roster_is_checked_confirmed_and_its_bad_rows_handed_back(house: House) -> None:
    client = await office(house)
    assert "Tải mẫu" in text_of(await client.get("/members/import"))
    report = await client.post("/members/import", files={"file": ("ds.xlsx", xlsx(ROWS))})
    said = text_of(report)
    assert "không phải là ngày" in said
    assert "Ghi 1 đảng viên" in said
    carried = re.search(r'name="carried" value="([^"]+)"', report.text)
    assert carried is not None
    bad = await client.post("/members/import/bad-rows.xlsx", data={"carried": carried[1]})
    assert bad.headers["content-disposition"] == 'attachment; filename="dong-can-sua.xlsx"'
    done = await client.post("/members/import/confirm", data={"carried": carried[1]})
    assert done.status_code == 303
    await house.desk.up_to_date(ROSTER)
    assert "Lò Thị Mẫu" in text_of(await client.get("/members/organisations/ban-2"))
    nonsense = await client.post("/members/import", files={"file": ("ds.xlsx", b"no")})
    assert "cần tệp Excel .xlsx" in text_of(nonsense, 422)
    assert text_of(await client.post("/members/import/confirm", data={"carried": "~"}), 422)


async def test_the_data_protection_officer_sees_who_read_what(house: House) -> None:
    member = await house.member("ban-2")
    await house.desk.up_to_date(ROSTER)
    await (await office(house)).get(f"/members/people/{member}")
    officer = await house.browser((Office.DATA_PROTECTION_OFFICER, "tinh"))
    assert "Nhật ký xem hồ sơ" in text_of(await officer.get("/members"))
    page = text_of(await officer.get("/members/readings"))
    assert "Lò Thị Mẫu" in page
    assert "Chi bộ bản 2" in page
    await officer.post(f"/members/api/v1/members/{member}/erasure", json={"reason": "yêu cầu"})
    assert "(đã xóa)" in text_of(await officer.get("/members/readings", params={"person": member}))


async def test_a_plain_member_sees_the_organisation_but_not_the_roll(house: House) -> None:
    await house.member("ban-2")
    await house.desk.up_to_date(ROSTER)
    member = await house.browser((Office.MEMBER, "ban-2"))
    page = text_of(await member.get("/members/organisations/ban-2"))
    assert "Lò Thị Mẫu" not in page
    assert "Bạn chưa có quyền xem phần này" in page
    assert (await member.get("/members/organisations/ban-10")).status_code == 403
