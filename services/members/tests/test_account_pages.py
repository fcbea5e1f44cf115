"""A login account on its page: a new password, closing it; and what the erasure of its person does to it."""

import httpx
import pytest

from services.members.access.accounts import log_in
from services.members.tests.house import House
from services.members.tests.test_office_pages import OPEN, PAGE, opened
from services.members.tests.test_pages import text_of
from shared.events.members import Office
from shared.refusal import Refused
from shared.roster import ROSTER


@pytest.fixture
async def client(house: House) -> httpx.AsyncClient:
    return await house.browser((Office.COMMITTEE_OFFICE, "xa"))


async def may_log_in(house: House, login: str, password: str) -> bool:
    try:
        return bool(await log_in(house.ctx, login, password, "192.0.2.1"))
    except Refused:
        return False


async def test_an_account_is_reached_by_its_login_name_and_shows_whose_it_is(
    house: House, client: httpx.AsyncClient
) -> None:
    member = await house.member("ban-2")
    await house.desk.up_to_date(ROSTER)
    account, _ = await opened(house, client, member=member)
    await client.post(PAGE, data={"account": account, "office": "cell_secretary", "from_on": "2026-01-01"})
    await house.desk.up_to_date(ROSTER)
    assert f'href="{OPEN}/{account}"' in (await client.get(PAGE)).text
    said = text_of(await client.get(f"{OPEN}/{account}"))
    assert "Lò Thị Mẫu" in said
    assert "Bí thư chi bộ, từ 01/01/2026" in said
    assert "Đặt lại mật khẩu" in said
    officer = await house.browser((Office.DATA_PROTECTION_OFFICER, "tinh"))
    assert "Tài khoản đăng nhập" in text_of(await officer.get("/members/readings"))


async def test_an_account_is_closed_once_its_login_name_was_typed_again(
    house: House, client: httpx.AsyncClient
) -> None:
    account, password = await opened(house, client)
    close = f"{OPEN}/{account}/close"
    form = {"reason": "Chuyển công tác", "confirmed": "ai khác", "idempotency_key": "c1"}
    wrong = await client.post(close, data=form)
    assert "chưa đóng gì" in text_of(wrong, 422)
    assert 'value="Chuyển công tác"' in wrong.text
    assert "chưa đúng hoặc còn thiếu" in text_of(await client.post(close, data={"confirmed": "bithu"}), 422)
    assert await may_log_in(house, "bithu", password)
    done = await client.post(close, data={**form, "confirmed": " BiThu "})
    said = text_of(await client.get(done.headers["location"]))
    assert "Chưa có tài khoản nào" in said
    assert not await may_log_in(house, "bithu", password)
    again = await client.post(close, data={**form, "confirmed": " BiThu "})
    assert again.headers["location"] == done.headers["location"]
    assert "đã đóng" in text_of(await client.get(f"{OPEN}/{account}"), 409)
    await opened(house, client, "bithu")  # the name is free


async def test_nobody_closes_the_account_they_are_using(house: House) -> None:
    operator = await house.browser((Office.OPERATOR, "ban-2"))
    own = (await operator.get("/members/api/v1/me")).json()["account"]
    await house.ctx.pool.execute(
        "INSERT INTO credential (account, organisation, login, opened_at, changed_at)"
        " VALUES ($1, 'ban-2', 'quantri', now(), now())",
        own,
    )
    assert "tài khoản bạn đang dùng" in text_of(await operator.get(f"{OPEN}/{own}"))
    form = {"reason": "x", "confirmed": "quantri"}
    assert "Không tự đóng" in text_of(await operator.post(f"{OPEN}/{own}/close", data=form), 409)


async def test_another_organisations_account_is_not_closed(house: House, client: httpx.AsyncClient) -> None:
    account, _ = await opened(house, client)
    for place, status in (("to-1", 403), ("ban-10", 409)):
        there = f"/members/organisations/{place}/accounts/{account}"
        assert (await client.get(there)).status_code == status
        form = {"reason": "x", "confirmed": "bithu"}
        assert (await client.post(f"{there}/close", data=form)).status_code == status


async def test_erasing_a_person_closes_their_account_and_ends_its_logins(
    house: House, client: httpx.AsyncClient
) -> None:
    member = await house.member("ban-2")
    await house.desk.up_to_date(ROSTER)
    account, password = await opened(house, client, member=member)
    _, others = await opened(house, client, "thuky")
    assert await may_log_in(house, "bithu", password)
    officer = await house.browser((Office.DATA_PROTECTION_OFFICER, "tinh"))
    form = {"reason": "Theo yêu cầu", "confirmed": "Lò Thị Mẫu"}
    erased = await officer.post(f"/members/people/{member}/erasure", data=form)
    assert erased.status_code == 303
    await house.followed("accounts_of_the_erased")
    assert not await may_log_in(house, "bithu", password)
    assert await may_log_in(house, "thuky", others)
    sessions = "SELECT count(*) FROM session WHERE account = $1 AND ended_at IS NULL"
    assert await house.ctx.pool.fetchval(sessions, account) == 0
    [_opened, closed] = await house.ctx.log.read(f"account:{account}")
    assert closed.type == "members.AccountClosed"
    assert "đã xóa" not in (await client.get(PAGE)).text  # nor is another offered to be opened for nobody
    stranger = await client.post(OPEN, data={"login": "khach", "member": member})
    assert "Không có đảng viên này" in text_of(stranger, 404)


async def test_the_committee_office_takes_no_hold_of_the_accounts_that_watch_over_it(
    house: House, client: httpx.AsyncClient
) -> None:
    """With a new password it could act as the data protection officer or the operator, whom it may not even assign."""
    account, password = await opened(house, client)
    operator = await house.browser((Office.OPERATOR, "tinh"))
    office = {"account": account, "office": "data_protection_officer", "from_on": "2026-01-01"}
    assert (await operator.post(PAGE, data=office)).status_code == 303
    await house.desk.up_to_date(ROSTER)
    here = f"{OPEN}/{account}"
    page = await client.get(here)
    assert "không có quyền phân công" in text_of(page)
    assert f'action="{here}' not in page.text
    form = {"reason": "x", "confirmed": "bithu"}
    api = f"/members/api/v1/accounts/{account}"
    answers = [
        await client.post(f"{here}/password"),
        await client.post(f"{here}/close", data=form),
        await client.put(f"{api}/password", json={"password": "một câu dài dễ nhớ"}),
        await client.post(f"{api}/close", json={"reason": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert await may_log_in(house, "bithu", password)
    assert (await operator.post(f"{here}/close", data=form)).status_code == 303


async def test_who_also_serves_a_higher_committee_is_not_taken_hold_of_from_below(
    house: House, client: httpx.AsyncClient
) -> None:
    account, _ = await opened(house, client)
    await house.ctx.pool.execute(
        "INSERT INTO view_roster.office (assignment, account, office, organisation, from_on)"
        " VALUES ('above', $1, 'inspector', 'tinh', '2025-01-01')",
        account,
    )
    assert (await client.post(f"{OPEN}/{account}/password")).status_code == 403
