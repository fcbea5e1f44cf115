import asyncio
from datetime import date, timedelta

from services.members.access.accounts import close_account, set_password, store_of
from services.members.access.sessions import GRACE
from services.members.access.tests.conftest import PASSWORD, House
from services.members.domain.account import CloseAccount
from shared.auth.tokens import Claims, public_keys, verify
from shared.eventlog import Command

SESSIONS = "/members/api/v1/sessions"


async def said(house: House, access: str) -> Claims:
    keys = public_keys(await store_of(house.ctx).keys.published(house.now))
    return verify(access, keys, now=house.now)


async def begin(browser, login="hoa", password=PASSWORD):
    return await browser.post(SESSIONS, json={"login": login, "password": password})


async def renew(browser, refresh):
    return await browser.post(f"{SESSIONS}/refresh", json={"refresh": refresh})


async def test_a_login_says_the_offices_held_today(house, browser):
    account = await house.account("hoa")
    await house.holds(account, "cell_secretary", "cell-1")
    await house.holds(account, "minute_taker", "cell-2", until_on=date(2026, 11, 22))
    answer = await begin(browser)
    assert answer.status_code == 201
    claims = await said(house, answer.json()["access_token"])
    assert claims.actor.account == account
    assert [(held.office, held.organisation) for held in claims.actor.offices] == [("cell_secretary", "cell-1")]


async def test_an_office_ends_with_its_term_at_midnight_in_vietnam(house, browser):
    account = await house.account("hoa")
    await house.holds(account, "cell_secretary", "cell-1", until_on=date(2026, 11, 23))
    tokens = (await begin(browser)).json()
    house.now += timedelta(hours=8, minutes=59)  # 23:59 in Hà Nội
    tokens = (await renew(browser, tokens["refresh_token"])).json()
    assert (await said(house, tokens["access_token"])).actor.offices
    house.now += timedelta(minutes=2)
    tokens = (await renew(browser, tokens["refresh_token"])).json()
    assert not (await said(house, tokens["access_token"])).actor.offices


async def test_the_login_name_is_the_same_however_it_is_typed(house, browser):
    await house.account("Hòa.ChiBo1")
    assert (await begin(browser, " HÒA.chibo1 ")).status_code == 201


async def test_a_refresh_token_yields_its_successor(house, browser):
    await house.account("hoa")
    first = (await begin(browser)).json()["refresh_token"]
    second = (await renew(browser, first)).json()["refresh_token"]
    assert second != first
    house.now += timedelta(hours=1)
    third = (await renew(browser, second)).json()["refresh_token"]
    assert third not in (first, second)


async def test_two_requests_at_once_with_one_token_get_the_same_successor(house, browser):
    await house.account("hoa")
    first = (await begin(browser)).json()["refresh_token"]
    answers = await asyncio.gather(*(renew(browser, first) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    house.now += GRACE
    assert (await renew(browser, first)).json()["refresh_token"] in successors
    assert (await renew(browser, successors.pop())).status_code == 200


async def test_a_copied_refresh_token_ends_the_whole_login(house, browser):
    await house.account("hoa")
    stolen = (await begin(browser)).json()["refresh_token"]
    successor = (await renew(browser, stolen)).json()["refresh_token"]
    house.now += GRACE + timedelta(seconds=1)
    assert (await renew(browser, stolen)).status_code == 401
    assert (await renew(browser, successor)).status_code == 401
    assert await house.ctx.pool.fetchval("SELECT reason FROM session") == "token reused"


async def test_the_theft_of_one_login_leaves_another_of_the_same_person_alone(house, browser):
    await house.account("hoa")
    stolen, other = [(await begin(browser)).json()["refresh_token"] for _ in range(2)]
    await renew(browser, stolen)
    house.now += GRACE + timedelta(seconds=1)
    assert (await renew(browser, stolen)).status_code == 401
    assert (await renew(browser, other)).status_code == 200


async def test_a_login_ends_when_it_lies_idle(house, browser):
    await house.account("hoa")
    refresh = (await begin(browser)).json()["refresh_token"]
    house.now += timedelta(hours=11, minutes=59)
    refresh = (await renew(browser, refresh)).json()["refresh_token"]
    house.now += timedelta(hours=12)
    assert (await renew(browser, refresh)).status_code == 401


async def test_a_login_ends_after_thirty_days_however_much_it_is_used(house, browser):
    await house.account("hoa")
    begun = house.now
    refresh = (await begin(browser)).json()["refresh_token"]
    while house.now < begun + timedelta(days=29, hours=12):
        house.now += timedelta(hours=11)
        refresh = (await renew(browser, refresh)).json()["refresh_token"]
    house.now = begun + timedelta(days=30)
    assert (await renew(browser, refresh)).status_code == 401


async def test_tokens_are_not_stored_as_they_are(house, browser):
    await house.account("hoa")
    refresh = (await begin(browser)).json()["refresh_token"]
    rows = await house.ctx.pool.fetch("SELECT * FROM refresh_token")
    assert len(rows) == 1
    assert refresh.encode() not in bytes(rows[0]["hash"])
    assert PASSWORD not in str(await house.ctx.pool.fetch("SELECT * FROM credential"))


async def test_logging_out_ends_the_login(house, browser):
    await house.account("hoa")
    tokens = (await begin(browser)).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await browser.delete(f"{SESSIONS}/current", headers=bearer)).status_code == 204
    assert (await renew(browser, tokens["refresh_token"])).status_code == 401


async def test_a_new_password_ends_every_login(house, browser):
    account = await house.account("hoa")
    tokens = (await begin(browser)).json()
    await set_password(house.ctx, account, "một câu khác cũng dài")
    assert (await renew(browser, tokens["refresh_token"])).status_code == 401
    assert (await begin(browser)).status_code == 401
    assert (await begin(browser, password="một câu khác cũng dài")).status_code == 201


async def test_changing_ones_own_password_needs_the_present_one(house, browser):
    await house.account("hoa")
    bearer = {"Authorization": f"Bearer {(await begin(browser)).json()['access_token']}"}
    body = {"present": "không phải câu này", "password": "một câu khác cũng dài"}
    put = "/members/api/v1/me/password"
    assert (await browser.put(put, json=body, headers=bearer)).status_code == 401
    short = {"present": PASSWORD, "password": "ngắn"}
    assert (await browser.put(put, json=short, headers=bearer)).json()["rule"] == "password.long_enough"
    assert (await browser.put(put, json=body | {"present": PASSWORD}, headers=bearer)).status_code == 204


async def test_a_closed_account_is_nobodys_login(house, browser):
    account = await house.account("hoa")
    tokens = (await begin(browser)).json()
    command = Command(actor="test", correlation="test")
    await close_account(house.ctx, account, CloseAccount("Chuyển công tác"), command)
    assert (await renew(browser, tokens["refresh_token"])).status_code == 401
    assert (await begin(browser)).status_code == 401


async def test_another_service_renews_a_login_by_its_own_token_only(house, browser):
    await house.account("hoa")
    refresh = (await begin(browser)).json()["refresh_token"]
    path = "/internal/session/refresh"
    assert (await browser.post(path, json={"refresh": refresh})).status_code == 401
    answer = await browser.post(path, json={"refresh": refresh}, headers=house.service())
    assert answer.json().keys() == {"access", "refresh", "idle"}
    gone = await browser.post(path, json={"refresh": "x"}, headers=house.service())
    assert gone.status_code == 401


async def test_logins_long_over_are_forgotten(house, browser):
    await house.account("hoa")
    await begin(browser)
    await begin(browser, password="sai mật khẩu rồi")
    house.now += timedelta(days=31)
    await store_of(house.ctx).tidy(house.now)
    for table in ("session", "refresh_token", "login_throttle"):
        assert await house.ctx.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
