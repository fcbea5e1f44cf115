"""What is written into a member's record on its page, and the erasure of a person."""

import httpx
import pytest

from services.members.tests.house import House
from services.members.tests.test_pages import text_of
from shared.events.members import MemberStatus, Office
from shared.roster import ROSTER


@pytest.fixture
async def client(house: House) -> httpx.AsyncClient:
    return await house.browser((Office.COMMITTEE_OFFICE, "xa"))


async def record_of(house: House, **more: object) -> str:
    member = await house.member("ban-2", **more)
    await house.desk.up_to_date(ROSTER)
    return f"/members/people/{member}"


async def test_a_record_is_corrected_by_decision_and_only_where_it_was_changed(
    house: House, client: httpx.AsyncClient
) -> None:
    here = await record_of(house, phone="0900 000 001")
    form = {"full_name": "Lò Thị Mẫu", "phone": "0900 000 002", "decision": "46-QĐ/ĐU"}
    blank = await client.post(f"{here}/corrections", data={**form, "decision": ""})
    assert "chưa đúng hoặc còn thiếu" in text_of(blank, 422)
    assert 'value="0900 000 002"' in blank.text
    same = await client.post(f"{here}/corrections", data={**form, "phone": "0900 000 001"})
    assert "Chưa có nội dung nào được sửa" in text_of(same, 422)
    done = await client.post(f"{here}/corrections", data=form)
    assert done.status_code == 303
    assert "0900 000 002" in text_of(await client.get(done.headers["location"]))
    assert "Lò Thị Mẫu" in text_of(await client.get(here))


async def test_a_probationary_member_is_recognised_on_the_record(house: House, client: httpx.AsyncClient) -> None:
    here = await record_of(house, status=MemberStatus.PROBATIONARY)
    form = {"official_on": "2020-01-01", "decision": "45-QĐ/ĐU"}
    early = await client.post(f"{here}/recognition", data=form)
    assert "phải từ ngày vào Đảng" in text_of(early, 422)
    assert 'value="45-QĐ/ĐU"' in early.text
    done = await client.post(f"{here}/recognition", data={**form, "official_on": "2022-02-03"})
    assert "03/02/2022" in text_of(await client.get(done.headers["location"]))


async def test_a_member_is_exempted_and_the_exemption_ended(house: House, client: httpx.AsyncClient) -> None:
    here = await record_of(house)
    form = {"exempt": "true", "from_on": "2026-11-01", "until_on": "2026-10-01", "reason": "Tuổi cao"}
    wrong = await client.post(f"{here}/exemption", data=form)
    assert "phải sau ngày bắt đầu" in text_of(wrong, 422)
    assert 'value="Tuổi cao"' in wrong.text
    done = await client.post(f"{here}/exemption", data={**form, "until_on": ""})
    assert "Hết miễn công tác" in text_of(await client.get(done.headers["location"]))
    ended = await client.post(
        f"{here}/exemption", data={"exempt": "false", "from_on": "2026-11-20", "reason": "Đã khỏe"}
    )
    assert "Hết miễn công tác" not in text_of(await client.get(ended.headers["location"]))


async def test_a_member_leaves_the_roll_on_the_record(house: House, client: httpx.AsyncClient) -> None:
    here = await record_of(house)
    early = await client.post(f"{here}/leaving", data={"left_on": "2020-01-01", "reason": "Chuyển sinh hoạt"})
    assert "phải từ ngày vào Đảng" in text_of(early, 422)
    assert 'value="Chuyển sinh hoạt"' in early.text
    done = await client.post(f"{here}/leaving", data={"left_on": "2026-11-20", "reason": "Chuyển sinh hoạt"})
    assert "rời danh sách 20/11/2026" in text_of(await client.get(done.headers["location"]))
    again = await client.post(f"{here}/leaving", data={"left_on": "2026-11-20", "reason": "Chuyển sinh hoạt"})
    assert "đã rời danh sách" in text_of(again, 409)


@pytest.mark.parametrize("act", ["corrections", "recognition", "exemption", "leaving"])
async def test_another_communes_record_is_not_written_into(house: House, act: str) -> None:
    here = await record_of(house)
    other = await house.browser((Office.COMMITTEE_OFFICE, "phuong"))
    assert (await other.post(f"{here}/{act}", data={})).status_code == 403


async def test_a_person_is_erased_once_the_name_was_typed_again(house: House, client: httpx.AsyncClient) -> None:
    here = await record_of(house)
    officer = await house.browser((Office.DATA_PROTECTION_OFFICER, "tinh"))
    roll = await officer.get("/members/organisations/ban-2")
    assert f'href="{here}/erasure"' in roll.text
    page = text_of(await officer.get(f"{here}/erasure"))
    assert "Sẽ mất vĩnh viễn" in page
    assert "Vẫn còn lại" in page
    form = {"reason": "Theo yêu cầu", "confirmed": "Lò Thị Khác"}
    wrong = await officer.post(f"{here}/erasure", data=form)
    assert "chưa xóa gì" in text_of(wrong, 422)
    assert 'value="Theo yêu cầu"' in wrong.text
    assert "Lò Thị Mẫu" in text_of(await client.get(here))
    done = await officer.post(f"{here}/erasure", data={**form, "confirmed": "lò thị  MẪU"})
    assert "đã được xóa vĩnh viễn" in text_of(await officer.get(done.headers["location"]))
    assert "Lò Thị Mẫu" not in text_of(await client.get(here))


async def test_only_the_data_protection_officer_of_the_subtree_erases(house: House, client: httpx.AsyncClient) -> None:
    here = await record_of(house)
    other = await house.browser((Office.DATA_PROTECTION_OFFICER, "phuong"))
    form = {"reason": "x", "confirmed": "Lò Thị Mẫu"}
    for browser in (client, other):
        assert (await browser.get(f"{here}/erasure")).status_code == 403
        assert (await browser.post(f"{here}/erasure", data=form)).status_code == 403


async def test_an_erased_person_is_taken_off_the_roll_by_the_cell(house: House, client: httpx.AsyncClient) -> None:
    here = await record_of(house)
    officer = await house.browser((Office.DATA_PROTECTION_OFFICER, "tinh"))
    await officer.post(f"{here}/erasure", data={"reason": "Theo yêu cầu", "confirmed": "Lò Thị Mẫu"})
    page = text_of(await client.get(here))
    assert "vẫn được tính trong danh sách chi bộ" in page
    assert "Sửa hồ sơ" not in page
    done = await client.post(f"{here}/leaving", data={"left_on": "2026-11-20", "reason": "Từ trần"})
    assert "rời danh sách 20/11/2026" in text_of(await client.get(done.headers["location"]))
    await house.desk.up_to_date(ROSTER)
    assert "Chưa có đảng viên nào" in text_of(await client.get("/members/organisations/ban-2"))
