import asyncio
from datetime import timedelta
from time import process_time

import pytest
from argon2 import PasswordHasher

from services.members.access import passwords
from services.members.access.tests.conftest import PASSWORD
from services.members.access.throttle import network_of

SESSIONS = "/members/api/v1/sessions"
WRONG = "sai mật khẩu rồi"


async def attempt(browser, login="hoa", password=WRONG):
    return await browser.post(SESSIONS, json={"login": login, "password": password})


async def test_every_wrong_pair_is_answered_alike(house, browser):
    await house.account("hoa")
    await house.account("binh", password=None)
    answers = [await attempt(browser, login) for login in ("hoa", "binh", "nobody")]
    assert {answer.status_code for answer in answers} == {401}
    said = [{**answer.json(), "correlation": ""} for answer in answers]
    assert said[0] == said[1] == said[2]
    assert said[0]["rule"] == "login.refused"


async def test_a_name_that_does_not_exist_costs_the_same_time(house, browser):
    await house.account("hoa")
    times: dict[str, list[float]] = {"hoa": [], "nobody": []}
    await attempt(browser, "warm up")
    for _ in range(4):
        for login, taken in times.items():
            started = process_time()  # of our own work: a busy machine delays each differently
            await attempt(browser, login)
            taken.append(process_time() - started)
    known, unknown = (min(taken) for taken in times.values())
    assert 0.5 < unknown / known < 2


async def test_failures_have_to_wait_longer_and_longer(house, browser):
    await house.account("hoa")
    waits = []
    for _ in range(5):
        assert (await attempt(browser)).status_code == 401
    for _ in range(13):
        assert (await attempt(browser)).status_code == 401
        refused = await attempt(browser)
        assert (refused.status_code, refused.json()["rule"]) == (429, "login.throttled")
        waits.append(int(refused.headers["Retry-After"]))
        house.now += timedelta(seconds=waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


async def test_while_waiting_even_the_right_password_is_not_looked_at(house, browser):
    await house.account("hoa")
    for _ in range(6):
        await attempt(browser)
    assert (await attempt(browser, password=PASSWORD)).status_code == 429
    house.now += timedelta(seconds=1)
    assert (await attempt(browser, password=PASSWORD)).status_code == 201


async def test_a_login_that_succeeds_clears_the_name(house, browser):
    await house.account("hoa")
    for _ in range(5):
        await attempt(browser)
    assert (await attempt(browser, password=PASSWORD)).status_code == 201
    for _ in range(5):
        assert (await attempt(browser)).status_code == 401


async def test_a_name_that_does_not_exist_is_throttled_like_one_that_does(house, browser):
    answers = [(await attempt(browser, "nobody")).status_code for _ in range(8)]
    assert answers == [401] * 6 + [429] * 2


async def test_many_guesses_at_once_gain_nothing(house, browser):
    await house.account("hoa")
    answers = await asyncio.gather(*(attempt(browser) for _ in range(20)))
    assert [answer.status_code for answer in answers].count(401) <= 6


async def test_an_address_that_tries_many_names_has_to_wait_and_others_do_not(house, browser):
    await house.account("hoa")
    answers = await asyncio.gather(*(attempt(browser, f"guess-{n}") for n in range(55)))
    assert [answer.status_code for answer in answers].count(401) == 51
    assert (await attempt(browser, password=PASSWORD)).status_code == 429
    async with house.browser("192.0.2.99") as elsewhere:
        assert (await attempt(elsewhere, password=PASSWORD)).status_code == 201


async def test_an_office_of_many_people_logs_in_in_the_morning(house, browser):
    await house.account("hoa")
    for _ in range(5):
        answers = await asyncio.gather(*(attempt(browser, password=PASSWORD) for _ in range(4)))
        assert {answer.status_code for answer in answers} == {201}
    assert await house.ctx.pool.fetchval("SELECT failures FROM login_throttle WHERE kind = 'address'") == 0


async def test_of_two_who_log_in_at_once_the_one_whose_clock_was_read_first_may_come_last(house, browser):
    for login in ("hoa", "binh"):
        await house.account(login)
    assert (await attempt(browser, "hoa", PASSWORD)).status_code == 201
    house.now -= timedelta(milliseconds=5)
    assert (await attempt(browser, "binh", PASSWORD)).status_code == 201
    assert (await attempt(browser, "hoa")).status_code == 401
    house.now -= timedelta(milliseconds=5)
    assert (await attempt(browser, "binh")).status_code == 401


async def test_what_was_typed_as_a_name_is_not_kept(house, browser):
    await attempt(browser, login=PASSWORD)
    kept = str(await house.ctx.pool.fetch("SELECT * FROM login_throttle"))
    assert PASSWORD not in kept


async def test_a_hash_of_older_parameters_is_made_anew_at_the_next_login(house, browser):
    account = await house.account("hoa")
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    stored = "SELECT password_hash FROM credential WHERE account = $1"
    await house.ctx.pool.execute("UPDATE credential SET password_hash = $2 WHERE account = $1", account, old)
    assert (await attempt(browser)).status_code == 401
    assert await house.ctx.pool.fetchval(stored, account) == old
    assert (await attempt(browser, password=PASSWORD)).status_code == 201
    renewed = await house.ctx.pool.fetchval(stored, account)
    assert renewed != old
    assert not passwords.is_outdated(renewed)
    assert (await attempt(browser, password=PASSWORD)).status_code == 201


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_neighbours_of_one_ipv6_network_are_one_address(address, network):
    assert network_of(address) == network
