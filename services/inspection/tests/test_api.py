"""Supervision as JSON."""

from typing import Any

from shared.events.members import Office
from tests.support.house import House, actor

INSPECTOR = actor("an", (Office.INSPECTOR, "bloc"))


async def ask(house: House, path: str, status: int = 200) -> Any:
    async with house.client("inspection", INSPECTOR) as client:
        answer = await client.get(f"/inspection/api/v1/{path}")
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_rows_come_page_by_page_and_none_twice(house: House) -> None:
    seen, after = [], ""
    while True:
        got = await ask(house, f"organisations/bloc/wall?year=2026&limit=1&sort=missing{after}")
        seen += [row["cell"] for row in got["items"]]
        if got["next"] is None:
            break
        after = f"&after={got['next']}"
    assert seen == ["c2", "c1", "c3"]


async def test_a_row_carries_its_months_with_numerators_and_bases(house: House) -> None:
    (row,) = (await ask(house, "organisations/north/wall?year=2026&name=phieng"))["items"]
    assert row["counts"]["held"] == 2
    october = row["months"][0]
    assert (october["period"], october["meeting"], october["held_on"]) == ("2026-10", "m1", "2026-10-10")
    assert (october["counts"]["present"], october["counts"]["due"]) == (9, 10)
    assert await ask(house, "cells/c1/months?year=2026") == row["months"]


async def test_sums_are_over_all_cells_below(house: House) -> None:
    sums = await ask(house, "organisations/bloc/sums?year=2026")
    october = sums["months"][9]
    assert (sums["cells"], october["cells_due"]) == (3, 3)
    assert {name: october["counts"][name] for name in ("held", "late", "missed", "present", "due")} == {
        "held": 1,
        "late": 1,
        "missed": 1,
        "present": 18,
        "due": 20,
    }


async def test_the_timeline_can_be_read_to_its_end_in_pages(house: House) -> None:
    whole = (await ask(house, "cells/c1/timeline?year=2026"))["items"]
    first = await ask(house, "cells/c1/timeline?year=2026&limit=3")
    rest = await ask(house, f"cells/c1/timeline?year=2026&after={first['next']}")
    assert first["items"] + rest["items"] == whole
    assert {one["kind"] for one in whole} == {"planned", "opened", "closed", "sent"}


async def test_a_remark_repeated_with_its_key_is_answered_as_the_first_time(house: House) -> None:
    body = {"period": "2026-10", "text": "Ghi đủ ý kiến từng đồng chí."}
    async with house.client("inspection", INSPECTOR) as client:
        answers = [
            await client.post("/inspection/api/v1/cells/c1/remarks", json=body, headers={"Idempotency-Key": "k"})
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert [answer.json()["repeated"] for answer in answers] == [False, True]
        at = answers[0].json()["position"]
        told = (await client.get(f"/inspection/api/v1/cells/c1/remarks?year=2026&at={at}")).json()
    assert [one["text"] for one in told] == ["Ghi đủ ý kiến từng đồng chí."]
    assert told[0]["account"] == "an"


async def test_a_committee_is_no_cell(house: House) -> None:
    problem = await ask(house, "cells/north/months?year=2026", status=404)
    assert problem["rule"] == "supervision.cell_known"
