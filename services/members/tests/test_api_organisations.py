"""The tree over HTTP, on the real service."""

import asyncio
from typing import Any

import httpx
import pytest

from services.members.tests.house import House
from shared.events.members import Office, OrganisationKind, Sector
from shared.roster import ROSTER

API = "/members/api/v1/organisations"


async def office(house: House, root: str = "tinh") -> httpx.AsyncClient:
    return await house.browser((Office.COMMITTEE_OFFICE, root))


async def post(client: httpx.AsyncClient, path: str, *, expect: int = 200, **body: Any) -> dict[str, Any]:
    response = await client.post(f"{API}{path}", json=body)
    assert response.status_code == expect, response.text
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.practice(34)
async def test_a_committee_establishes_a_cell_with_its_fixed_day_and_sees_it(house: House) -> None:
    client = await office(house)
    body = {"parent": "xa", "kind": "cell", "sector": "village", "name": "Chi bộ bản 3", "fixed_meeting_day": 3}
    made = await post(client, "", expect=201, effective_on="2026-01-01", **body)
    seen = await client.get(f"{API}/{made['answer']['organisation']}", params={"at": made["position"]})
    assert (seen.json()["name"], seen.json()["fixed_meeting_day"]) == ("Chi bộ bản 3", 3)
    assert seen.headers["etag"] == '"1"'


async def test_a_refusal_names_its_rule_in_the_readers_language(house: House) -> None:
    client = await office(house)
    problem = await post(client, "/ban-2/fixed-day", expect=422, day=32, effective_on="2026-11-01")
    assert problem["rule"] == "organisation.fixed_day_in_month"
    assert "từ 1 đến 31" in problem["detail"]


async def test_a_stale_version_is_refused_and_the_same_key_answers_the_same(house: House) -> None:
    client = await office(house)
    body = {"name": "Chi bộ bản Hai", "effective_on": "2026-11-01"}
    first = await client.post(f"{API}/ban-2/rename", json=body, headers={"If-Match": '"1"', "Idempotency-Key": "k"})
    again = await client.post(f"{API}/ban-2/rename", json=body, headers={"If-Match": '"1"', "Idempotency-Key": "k"})
    other = await client.post(f"{API}/ban-2/rename", json={**body, "name": "Khác"}, headers={"If-Match": '"1"'})
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 412)
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)


async def test_a_commune_is_moved_with_its_cells_only_within_ones_own_subtrees(house: House) -> None:
    await house.establish("tinh-2", None, OrganisationKind.SUPERIOR_COMMITTEE, "Đảng bộ tỉnh Mẫu Hai")
    move = {"parent": "tinh-2", "effective_on": "2026-07-01", "decision": "12-QĐ/TU"}
    await post(await office(house), "/xa/move", expect=403, **move)
    both = await house.browser((Office.COMMITTEE_OFFICE, "tinh"), (Office.COMMITTEE_OFFICE, "tinh-2"))
    moved = await post(both, "/xa/move", **move)
    after = (await both.get(f"{API}/tinh-2/tree", params={"at": moved["position"]})).json()
    before = (await both.get(f"{API}/tinh-2/tree", params={"on": "2026-06-30"})).json()
    assert [child["id"] for child in after["children"]] == ["xa"]
    assert after["children"][0]["heads"]["cells"] == 2
    assert before["children"] == []
    problem = await post(both, "/tinh-2/move", expect=422, **{**move, "parent": "xa"})
    assert problem["rule"] == "organisation.not_under_itself"


@pytest.mark.practice(75)
async def test_the_tree_shows_head_counts_in_the_order_people_count(house: House) -> None:
    await house.member("ban-2")
    await house.member("ban-10", "Lò Văn Mẫu")
    await house.desk.up_to_date(ROSTER)
    tree = (await (await office(house)).get(f"{API}/xa/tree")).json()
    assert [child["name"] for child in tree["children"]] == ["Chi bộ bản 2", "Chi bộ bản 10"]
    assert (tree["root"]["heads"]["members"], tree["root"]["heads"]["cells"]) == (2, 2)


async def test_a_cell_with_members_is_not_dissolved_and_an_empty_one_is(house: House) -> None:
    client, end = await office(house), {"effective_on": "2026-07-01", "decision": "20-QĐ/TU"}
    await house.member("ban-2")
    assert (await post(client, "/ban-2/dissolve", expect=422, **end))["rule"] == "organisation.members_moved_first"
    assert (await post(client, "/xa/dissolve", expect=422, **end))["rule"] == "organisation.children_moved_first"
    done = await post(client, "/ban-10/dissolve", **end)
    assert (await client.get(f"{API}/ban-10", params={"at": done["position"]})).json()["dissolved_on"] == "2026-07-01"


@pytest.mark.practice(81)
@pytest.mark.practice(104)
async def test_organisations_are_found_by_sector_and_country_a_page_at_a_time(house: House) -> None:
    last = await house.establish(
        "vientiane", "phuong", OrganisationKind.CELL, "Chi bộ tại Viêng Chăn", country="LA", sector=Sector.ABROAD
    )
    client = await office(house)
    await client.get(f"{API}/vientiane", params={"at": str(last.at)})
    abroad = (await client.get(API, params={"sector": "abroad", "country": "LA"})).json()
    assert [one["id"] for one in abroad["items"]] == ["vientiane"]
    first = (await client.get(API, params={"kind": "cell", "limit": 3})).json()
    rest = (await client.get(API, params={"kind": "cell", "limit": 3, "cursor": first["next"]})).json()
    assert sorted(one["id"] for one in first["items"] + rest["items"]) == ["ban-10", "ban-2", "to-1", "vientiane"]
    of_the_commune = await (await office(house, "xa")).get(API, params={"kind": "cell"})
    assert [one["id"] for one in of_the_commune.json()["items"]] == ["ban-10", "ban-2"]


async def test_a_committee_adopts_a_rule_for_its_subtree(house: House) -> None:
    client = await office(house)
    rule = {"code": "meeting.regular.min_minutes", "legal_basis": "05-QĐ/ĐU", "effective_from": "2026-01-01"}
    await post(client, "/xa/rules", expect=201, value=120, **rule)
    assert (await post(client, "/xa/rules", expect=422, value="lâu", **rule))["rule"] == "rule.value_type"
    adopted = (await client.get(f"{API}/xa/rules")).json()
    assert [(one["code"], one["value"]) for one in adopted] == [("meeting.regular.min_minutes", 120)]


@pytest.mark.parametrize("path", ["/xa", "/xa/tree", "/xa/rules"])
async def test_nobody_sees_what_is_not_under_them(house: House, path: str) -> None:
    other = await house.browser((Office.COMMITTEE_OFFICE, "phuong"))
    assert (await other.get(f"{API}{path}")).status_code == 403


async def test_many_cells_are_established_at_once_and_none_waits_for_another(house: House) -> None:
    more = house.ctx.pool.get_max_size() * 2
    async with asyncio.timeout(20):
        await asyncio.gather(
            *(house.establish(f"ban-moi-{n}", "xa", OrganisationKind.CELL, f"Chi bộ bản mới {n}") for n in range(more))
        )
