import asyncio

import httpx
import pytest

from services.members.access.accounts import store_of
from services.members.access.tests.conftest import PASSWORD, House

ACCOUNTS = "/members/api/v1/accounts"


def offices_of(organisation: str) -> str:
    return f"/members/api/v1/organisations/{organisation}/offices"


@pytest.fixture
async def clerk(house: House, browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """The committee office of a commune with one cell; another commune stands beside it."""
    for id, path in (("commune", ["commune"]), ("cell-1", ["commune", "cell-1"]), ("other", ["other"])):
        await house.ctx.pool.execute(
            "INSERT INTO view_organisations.organisation"
            " (id, path, kind, sector, name, country, established_on)"
            " VALUES ($1, $2, 'cell', 'village', $1, 'VN', '2020-01-01')",
            id,
            path,
        )
    account = await house.account("clerk", organisation="commune")
    await house.holds(account, "committee_office", "commune")
    granted = await store_of(house.ctx).begin(account, None, house.now)
    browser.headers["Authorization"] = f"Bearer {granted.access}"
    return browser


async def test_a_committee_office_opens_an_account_that_can_log_in_once_it_has_a_password(house, clerk):
    opened = await clerk.post(ACCOUNTS, json={"organisation": "cell-1", "login": "Hoa"})
    assert opened.status_code == 201
    account = opened.json()["answer"]["account"]
    (row,) = (await clerk.get(ACCOUNTS, params={"organisation": "cell-1"})).json()
    assert (row["account"], row["login"], row["has_password"]) == (account, "hoa", False)
    assert (await clerk.put(f"{ACCOUNTS}/{account}/password", json={"password": PASSWORD})).status_code == 204
    body = {"login": "hoa", "password": PASSWORD}
    assert (await clerk.post("/members/api/v1/sessions", json=body)).status_code == 201


async def test_the_same_request_sent_twice_opens_one_account(house, clerk):
    async def send() -> httpx.Response:
        body = {"organisation": "cell-1", "login": "hoa"}
        return await clerk.post(ACCOUNTS, json=body, headers={"Idempotency-Key": "form-1"})

    first, *others = await asyncio.gather(*(send() for _ in range(3)))
    assert {answer.status_code for answer in (first, *others)} == {201}
    assert {answer.json()["answer"]["account"] for answer in others} == {first.json()["answer"]["account"]}


async def test_a_login_name_is_taken_once(house, clerk):
    await clerk.post(ACCOUNTS, json={"organisation": "cell-1", "login": "hoa"})
    again = await clerk.post(ACCOUNTS, json={"organisation": "cell-1", "login": " HOA "})
    assert (again.status_code, again.json()["rule"]) == (409, "account.login_free")
    assert (await clerk.post(ACCOUNTS, json={"organisation": "cell-1", "login": " "})).json()["rule"] == (
        "account.login_given"
    )


@pytest.mark.parametrize("password", ["ngắn", "x" * 201])
async def test_a_password_has_a_length_and_is_not_the_login_name(house, clerk, password):
    account = await house.account("bithu.chibo1", password=None)
    put = f"{ACCOUNTS}/{account}/password"
    assert (await clerk.put(put, json={"password": password})).json()["rule"] == "password.long_enough"
    assert (await clerk.put(put, json={"password": "BiThu.ChiBo1"})).json()["rule"] == "password.not_the_login"


async def test_a_closed_account_leaves_the_list_and_frees_its_name(house, clerk):
    account = await house.account("hoa")
    path = f"{ACCOUNTS}/{account}/close"
    assert (await clerk.post(path, json={"reason": "Chuyển công tác"})).status_code == 200
    assert (await clerk.get(ACCOUNTS, params={"organisation": "cell-1"})).json() == []
    assert (await clerk.post(path, json={"reason": "x"})).json()["rule"] == "account.open"
    assert (await clerk.post(ACCOUNTS, json={"organisation": "cell-1", "login": "hoa"})).status_code == 201


async def test_another_commune_is_none_of_its_business(house, clerk):
    foreign = await house.account("binh", organisation="other")
    answers = [
        await clerk.get(ACCOUNTS, params={"organisation": "other"}),
        await clerk.post(ACCOUNTS, json={"organisation": "other", "login": "x"}),
        await clerk.put(f"{ACCOUNTS}/{foreign}/password", json={"password": PASSWORD}),
        await clerk.post(f"{ACCOUNTS}/{foreign}/close", json={"reason": "x"}),
        await clerk.get(offices_of("other")),
        await clerk.post(offices_of("nowhere"), json={}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 6


async def test_an_office_is_assigned_and_ended_by_its_committee(house, clerk):
    account = await house.account("hoa")
    body = {"account": account, "office": "cell_secretary", "from_on": "2026-01-01"}
    assigned = await clerk.post(offices_of("cell-1"), json=body)
    assert assigned.status_code == 201
    again = await clerk.post(offices_of("cell-1"), json=body)
    assert (again.status_code, again.json()["rule"]) == (409, "office.not_held_twice")
    end = f"{offices_of('cell-1')}/{assigned.json()['answer']['assignment']}/end"
    reason = {"ended_on": "2026-06-01", "reason": "Chuyển công tác"}
    assert (await clerk.post(end, json=reason)).status_code == 200
    assert (await clerk.post(end, json=reason)).json()["rule"] == "office.ends_earlier"


@pytest.mark.practice(74)
async def test_the_offices_of_a_day_are_listed(house, clerk):
    account = await house.account("hoa")
    await house.holds(account, "minute_taker", "cell-1")
    (row,) = (await clerk.get(offices_of("cell-1"))).json()
    assert (row["account"], row["office"], row["until_on"]) == (account, "minute_taker", None)
    assert (await clerk.get(offices_of("cell-1"), params={"on": "2024-12-31"})).json() == []


async def test_no_password_enters_the_log(house, clerk):
    opened = await clerk.post(ACCOUNTS, json={"organisation": "cell-1", "login": "hoa"})
    account = opened.json()["answer"]["account"]
    await clerk.put(f"{ACCOUNTS}/{account}/password", json={"password": PASSWORD}, headers={"Idempotency-Key": "k"})
    stored = str(await house.ctx.pool.fetch("SELECT data, metadata FROM event"))
    assert account in stored
    assert "hoa" not in stored
    assert await house.ctx.pool.fetchval("SELECT count(*) FROM command WHERE key LIKE '%:k'") == 0
