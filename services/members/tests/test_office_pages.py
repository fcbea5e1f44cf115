"""Offices and accounts on their page, as the committee office and the operator use it."""

import re

import httpx
import pytest

from services.members.access.accounts import log_in
from services.members.tests.house import House
from services.members.tests.test_pages import text_of
from shared.events.members import Office
from shared.roster import ROSTER

PAGE = "/members/organisations/ban-2/offices"
OPEN = "/members/organisations/ban-2/accounts"


@pytest.fixture
async def client(house: House) -> httpx.AsyncClient:
    return await house.browser((Office.COMMITTEE_OFFICE, "xa"))


async def opened(house: House, client: httpx.AsyncClient, login: str = "bithu", **more: str) -> tuple[str, str]:
    """An account of the cell: its id and the first password, as the page showed it."""
    answer = await client.post(OPEN, data={"login": login, **more})
    said = text_of(answer)
    assert "chỉ hiện một lần" in said
    password = re.search(r"\b[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\b", said)
    assert password is not None
    account = await house.ctx.pool.fetchval("SELECT account FROM credential WHERE login = $1", login)
    return account, password[0]


async def test_an_account_is_opened_for_a_member_and_its_first_password_is_shown_once(
    house: House, client: httpx.AsyncClient
) -> None:
    member = await house.member("ban-2")
    await house.desk.up_to_date(ROSTER)
    form = {"member": member, "login": "BiThu", "idempotency_key": "k1"}
    first = await client.post(OPEN, data=form)
    password = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", first.text)
    assert password is not None
    assert await log_in(house.ctx, "bithu", password[0], "192.0.2.1")
    again = await client.post(OPEN, data=form)
    assert again.status_code == 303
    page = await client.get(again.headers["location"])
    assert "Lò Thị Mẫu" in text_of(page)
    assert password[0] not in page.text
    assert await log_in(house.ctx, "bithu", password[0], "192.0.2.1")


async def test_a_login_name_that_is_taken_is_refused_beside_the_form_and_stays_typed(
    house: House, client: httpx.AsyncClient
) -> None:
    await opened(house, client)
    taken = await client.post(OPEN, data={"login": "bithu"})
    assert "đã có người dùng" in text_of(taken, 409)
    assert 'value="bithu"' in taken.text
    assert "chưa đúng hoặc còn thiếu" in text_of(await client.post(OPEN, data={"login": ""}), 422)
    stranger = await client.post(OPEN, data={"login": "khach", "member": "nobody"})
    assert "Không có đảng viên này" in text_of(stranger, 404)


async def test_a_password_is_reset_and_shown_once(house: House, client: httpx.AsyncClient) -> None:
    account, old = await opened(house, client)
    answer = await client.post(f"{OPEN}/{account}/password")
    new = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", answer.text)
    assert new is not None
    assert new[0] != old
    assert await log_in(house.ctx, "bithu", new[0], "192.0.2.1")
    assert "đã đóng" in text_of(await client.post(f"{OPEN}/nobody/password"), 409)


async def test_an_office_is_assigned_for_a_term_and_ended_with_a_reason(
    house: House, client: httpx.AsyncClient
) -> None:
    account, _ = await opened(house, client)
    form = {"account": account, "office": "cell_secretary", "from_on": "2026-01-01"}
    wrong = await client.post(PAGE, data={**form, "until_on": "2025-01-01"})
    assert "phải sau ngày bắt đầu" in text_of(wrong, 422)
    assert 'value="2025-01-01"' in wrong.text
    done = await client.post(PAGE, data={**form, "until_on": "2030-01-01"})
    assert done.status_code == 303
    page = await client.get(done.headers["location"])
    said = text_of(page)
    assert "Bí thư chi bộ" in said
    assert "01/01/2030" in said
    end = re.search(r'action="([^"]+/end)"', page.text)
    assert end is not None
    blank = await client.post(end[1], data={"ended_on": "2026-11-22", "reason": ""})
    assert "chưa đúng hoặc còn thiếu" in text_of(blank, 422)
    late = await client.post(end[1], data={"ended_on": "2031-01-01", "reason": "Chuyển công tác"})
    assert "đã kết thúc, hoặc sẽ kết thúc trước" in text_of(late, 409)
    assert 'value="Chuyển công tác"' in late.text
    ended = await client.post(end[1], data={"ended_on": "2026-11-22", "reason": "Chuyển công tác"})
    assert "Chưa phân công chức vụ nào" in text_of(await client.get(ended.headers["location"]))
    unknown = await client.post(f"{PAGE}/nothing/end", data={"ended_on": "2026-11-22", "reason": "x"})
    assert "không có phân công ấy" in text_of(unknown, 404)


@pytest.mark.parametrize("office", [Office.DATA_PROTECTION_OFFICER, Office.OPERATOR])
async def test_only_the_operator_assigns_those_who_watch_over_the_committee_office(
    house: House, client: httpx.AsyncClient, office: Office
) -> None:
    account, _ = await opened(house, client)
    form = {"account": account, "office": office.value, "from_on": "2026-01-01"}
    assert "Chỉ người quản trị hệ thống" in text_of(await client.post(PAGE, data=form), 422)
    api = await client.post("/members/api/v1/organisations/ban-2/offices", json=form)
    assert api.json()["rule"] == "office.assigned_by_operator"
    operator = await house.browser((Office.OPERATOR, "tinh"))
    done = await operator.post(PAGE, data=form)
    assert done.status_code == 303
    page = await client.get(done.headers["location"])
    assert "/end" not in page.text  # nor is it the committee office's to end
    end = re.search(r'action="([^"]+/end)"', (await operator.get(PAGE)).text)
    assert end is not None
    reason = {"ended_on": "2026-11-22", "reason": "Hết nhiệm kỳ"}
    assert "Chỉ người quản trị hệ thống" in text_of(await client.post(end[1], data=reason), 422)
    assert (await operator.post(end[1], data=reason)).status_code == 303


async def test_an_operator_comes_to_offices_without_seeing_anybodys_name(house: House) -> None:
    await house.member("ban-2")
    await house.desk.up_to_date(ROSTER)
    operator = await house.browser((Office.OPERATOR, "ban-2"))
    assert PAGE in (await operator.get("/members")).text
    page = text_of(await operator.get(PAGE))
    assert "Chức vụ và tài khoản" in page
    assert "Lò Thị Mẫu" not in page
    assert (await operator.get("/members/organisations/ban-2")).status_code == 403


async def test_another_communes_offices_and_accounts_are_none_of_its_business(
    house: House, client: httpx.AsyncClient
) -> None:
    account, _ = await opened(house, client)
    other = "/members/organisations/to-1"
    assert (await client.get(f"{other}/offices")).status_code == 403
    answers = [
        await client.post(f"{other}/offices", data={"account": account}),
        await client.post(f"{other}/offices/a/end", data={}),
        await client.post(f"{other}/accounts", data={"login": "x"}),
        await client.post(f"{other}/accounts/{account}/password"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    elsewhere = "/members/organisations/ban-10"
    form = {"account": account, "office": "minute_taker", "from_on": "2026-01-01"}
    assert "đã đóng" in text_of(await client.post(f"{elsewhere}/offices", data=form), 409)
    assert "đã đóng" in text_of(await client.post(f"{elsewhere}/accounts/{account}/password"), 409)
