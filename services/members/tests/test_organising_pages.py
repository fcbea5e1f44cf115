"""The tree changed, and rules adopted, on their pages."""

import httpx
import pytest

from services.members.tests.house import House
from services.members.tests.test_pages import text_of
from shared.events.members import Office
from shared.roster import ROSTER

XA, BAN = "/members/organisations/xa", "/members/organisations/ban-2"
CHILD = {"name": "Chi bộ bản 3", "kind": "cell", "sector": "village", "country": "VN", "effective_on": "2026-01-01"}


@pytest.fixture
async def client(house: House) -> httpx.AsyncClient:
    return await house.browser((Office.COMMITTEE_OFFICE, "xa"))


async def test_a_cell_is_established_under_its_committee(client: httpx.AsyncClient) -> None:
    assert "Lập tổ chức trực thuộc" in text_of(await client.get(f"{XA}/changes"))
    wrong = await client.post(f"{XA}/establish", data={**CHILD, "country": "vn"})
    assert "không đúng: cần hai chữ cái" in text_of(wrong, 422)
    assert 'value="Chi bộ bản 3"' in wrong.text
    done = await client.post(f"{XA}/establish", data=CHILD)
    assert "Chi bộ bản 3" in text_of(await client.get(done.headers["location"]))
    assert "Lập tổ chức trực thuộc" not in text_of(await client.get(f"{BAN}/changes"))


async def test_an_organisation_is_renamed(client: httpx.AsyncClient) -> None:
    wrong = await client.post(f"{BAN}/rename", data={"name": "Chi bộ Mới", "effective_on": "2027-01-01"})
    assert "chưa tới" in text_of(wrong, 422)
    assert 'value="Chi bộ Mới"' in wrong.text
    done = await client.post(f"{BAN}/rename", data={"name": "Chi bộ Mới", "effective_on": "2026-11-01"})
    assert "Chi bộ Mới" in text_of(await client.get(done.headers["location"]))


async def test_a_cell_is_moved_by_decision(house: House) -> None:
    client = await house.browser((Office.COMMITTEE_OFFICE, "tinh"))
    assert "Đảng bộ phường Mẫu" in text_of(await client.get(f"{BAN}/changes"))
    form = {"parent": "to-1", "effective_on": "2026-07-01", "decision": "12-QĐ/TU"}
    wrong = await client.post(f"{BAN}/move", data=form)
    assert "phải ở cấp cao hơn" in text_of(wrong, 422)
    assert 'value="12-QĐ/TU"' in wrong.text
    done = await client.post(f"{BAN}/move", data={**form, "parent": "phuong"})
    assert "Đảng bộ phường Mẫu" in text_of(await client.get(done.headers["location"]))


async def test_a_cell_is_dissolved_only_when_nobody_is_left(house: House, client: httpx.AsyncClient) -> None:
    await house.member("ban-2")
    await house.desk.up_to_date(ROSTER)
    form = {"effective_on": "2026-11-01", "decision": "20-QĐ/TU"}
    wrong = await client.post(f"{BAN}/dissolve", data=form)
    assert "Còn 1 đảng viên" in text_of(wrong, 422)
    assert 'value="20-QĐ/TU"' in wrong.text
    done = await client.post("/members/organisations/ban-10/dissolve", data=form)
    assert done.headers["location"].startswith(XA)
    assert "Chi bộ bản 10" not in text_of(await client.get(done.headers["location"]))


@pytest.mark.parametrize("act", ["establish", "rename", "fixed-day", "move", "dissolve", "rules"])
async def test_another_communes_organisations_are_not_changed(client: httpx.AsyncClient, act: str) -> None:
    assert (await client.post(f"/members/organisations/to-1/{act}", data={})).status_code == 403


async def test_a_cell_is_not_moved_to_where_the_office_does_not_reach(client: httpx.AsyncClient) -> None:
    form = {"parent": "phuong", "effective_on": "2026-07-01", "decision": "12-QĐ/TU"}
    assert (await client.post(f"{BAN}/move", data=form)).status_code == 403


async def test_a_committee_adopts_a_rule_and_its_cells_see_whose_it_is(client: httpx.AsyncClient) -> None:
    before = text_of(await client.get(f"{BAN}/rules"))
    assert "ít nhất 90 phút" in before
    assert "42-HD/BTCTW (28/10/2025)" in before
    form = {
        "code": "meeting.regular.min_minutes", "value": "hai giờ", "legal_basis": "05-QĐ/ĐU",
        "effective_from": "2026-11-01",
    }  # fmt: skip
    wrong = await client.post(f"{XA}/rules", data=form)
    assert "không hợp với quy tắc" in text_of(wrong, 422)
    assert 'value="hai giờ"' in wrong.text
    assert "chưa đúng hoặc còn thiếu" in text_of(
        await client.post(f"{XA}/rules", data={**form, "legal_basis": ""}), 422
    )
    done = await client.post(f"{XA}/rules", data={**form, "value": "120"})
    assert done.status_code == 303
    at = done.headers["location"].partition("?")[2]
    after = text_of(await client.get(f"{BAN}/rules?{at}"))
    assert "ít nhất 120 phút 05-QĐ/ĐU Đảng bộ xã Mẫu 01/11/2026" in after
    assert "Tổ chức này đã ban hành" in text_of(await client.get(f"{XA}/rules"))
