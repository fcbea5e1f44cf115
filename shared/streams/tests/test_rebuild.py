import asyncio

import pytest

from shared.eventlog import Position
from shared.streams import Policy, Table
from shared.streams.parking import parked, skip
from shared.streams.rebuild import AlreadyRebuilding, rebuild
from shared.streams.tests.house import BY_CELL, REMARK, SERVICE, House, Remarks, eventually

VERSION = "SELECT version FROM view_state WHERE name = 'remarks'"
SCHEMAS = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'view\\_remarks%'"


async def _spoil(house: House) -> None:
    """The view has come to say something the log does not."""
    await house.pool.execute("UPDATE view_remarks.by_cell SET remarks = remarks + 100")


async def test_a_rebuilt_view_says_what_the_log_says(house: House) -> None:
    following = await house.follow(view := Remarks())
    at = await house.remark("alpha", "one", "two")
    assert await following.wait_for("remarks", at, timeout=10)
    await _spoil(house)
    seen: list[tuple[int, int]] = []
    await rebuild(house.pool, SERVICE, view, {SERVICE: house.log}, progress=lambda *told: seen.append(told))
    assert await house.counted() == {"alpha": 2}
    assert seen[-1] == (2, 2)
    assert await house.pool.fetchval(SCHEMAS) == 1


async def test_events_that_arrive_while_a_view_is_rebuilt_are_counted_once(house: House) -> None:
    await house.relay()
    following = await house.follow(view := Remarks())
    recorded = 0

    async def record() -> Position:
        nonlocal recorded
        while not rebuilt.done() or recorded < 50:
            at = await house.remark(f"cell-{recorded % 5}", "noted")
            recorded += 1
        return at

    async def rebuild_thrice() -> None:
        for _ in range(3):
            await rebuild(house.pool, SERVICE, view, {SERVICE: house.log})

    rebuilt = asyncio.create_task(rebuild_thrice())
    at = await record()
    await rebuilt
    assert await following.wait_for("remarks", at, timeout=10)

    async def counted_all() -> bool:
        return sum((await house.counted()).values()) == recorded

    await eventually(counted_all)


async def test_the_old_view_serves_while_the_new_one_is_filled(house: House) -> None:
    following = await house.follow(view := Remarks())
    await house.relay()
    assert await following.wait_for("remarks", await house.remark("alpha", "one"), timeout=10)
    filling, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Remarks):
        async def recorded(self, change, event) -> None:  # type: ignore[no-untyped-def]
            filling.set()
            await go_on.wait()
            await super().recorded(change, event)

    rebuilding = asyncio.create_task(rebuild(house.pool, SERVICE, Slow(), {SERVICE: house.log}))
    await filling.wait()
    assert await following.wait_for("remarks", await house.remark("alpha", "two"), timeout=10)
    assert await house.counted() == {"alpha": 2}
    with pytest.raises(AlreadyRebuilding):
        await rebuild(house.pool, SERVICE, view, {SERVICE: house.log})
    go_on.set()
    await rebuilding
    assert await house.counted() == {"alpha": 2}


async def test_a_view_of_a_newer_version_is_rebuilt_by_the_worker_that_brings_it(house: House) -> None:
    await house.relay()
    old = await house.follow(Remarks())
    at = await house.remark("alpha", "one", "two")
    assert await old.wait_for("remarks", at, timeout=10)

    newer = Remarks(version=2)
    newer.tables = (BY_CELL, Table("remark", {**REMARK.columns, "seen": "boolean"}, key=REMARK.key))
    await house.follow(newer)

    async def renewed() -> bool:
        return await house.pool.fetchval(VERSION) == 2

    await eventually(renewed)
    assert await house.counted() == {"alpha": 2}
    after = await house.remark("alpha", "three")
    assert await old.wait_for("remarks", after, timeout=10)
    assert await house.counted() == {"alpha": 3}


async def test_a_worker_of_an_older_version_leaves_a_newer_view_alone(house: House) -> None:
    await house.prepare(Remarks(version=2))
    old = await house.follow(Remarks(version=1))
    at = await house.remark("alpha", "one")
    assert not await old.wait_for("remarks", at, timeout=1)
    indifferent = Remarks(version=1)
    indifferent.handlers.clear()
    assert not await (await house.follow(indifferent)).wait_for("remarks", at, timeout=1)
    assert await house.pool.fetchval(VERSION) == 2
    assert await house.counted() == {}


async def test_policies_never_run_during_a_rebuild(house: House) -> None:
    acted: list[object] = []
    policy = Policy("actor", sources=[SERVICE])

    async def act(*given: object) -> None:
        acted.append(given[-1])

    policy.handlers = {f"{SERVICE}.RemarkRecorded": act}
    following = await house.follow(view := Remarks(), policies=[policy])
    at = await house.remark("alpha", "one", "two")
    assert await following.wait_for("remarks", at, timeout=10)
    assert await following.wait_for("actor", at, timeout=10)
    await rebuild(house.pool, SERVICE, view, {SERVICE: house.log})
    assert len(acted) == 2


async def test_a_poison_event_stays_parked_through_a_rebuild_and_is_gone_when_the_view_can_apply_it(
    house: House,
) -> None:
    view = Remarks()
    view.poison = {"bad"}
    following = await house.follow(view)
    at = await house.remark("alpha", "bad", "after")
    assert await following.wait_for("remarks", at, timeout=10)
    await rebuild(house.pool, SERVICE, view, {SERVICE: house.log})
    assert await house.pool.fetchval("SELECT count(*) FROM parked WHERE subscription = 'remarks'") == 2
    view.poison.clear()
    await rebuild(house.pool, SERVICE, view, {SERVICE: house.log})
    assert await house.pool.fetchval("SELECT count(*) FROM parked") == 0
    assert await house.texts("alpha") == ["bad", "after"]


async def test_what_was_skipped_stays_skipped_through_a_rebuild_unless_it_can_be_applied_now(house: House) -> None:
    view = Remarks()
    view.poison = {"bad"}
    following = await house.follow(view)
    at = await house.remark("alpha", "bad", "after")
    assert await following.wait_for("remarks", at, timeout=10)
    first = (await parked(house.pool))[0]
    await skip(house.pool, first.place, first.position, by="operator", reason="written by mistake")
    assert await following.retry("remarks", SERVICE, at.partition, first.stream) == 1

    await rebuild(house.pool, SERVICE, view, {SERVICE: house.log})
    assert await house.texts("alpha") == ["after"]
    assert await parked(house.pool) == []
    row = await house.pool.fetchrow("SELECT position, skipped_by, reason FROM parked")
    assert tuple(row) == (first.position, "operator", "written by mistake")

    view.poison.clear()
    await rebuild(house.pool, SERVICE, view, {SERVICE: house.log})
    assert await house.texts("alpha") == ["bad", "after"]
    assert await house.pool.fetchval("SELECT count(*) FROM parked") == 0


async def test_a_rebuild_that_broke_off_can_be_begun_again(house: House) -> None:
    following = await house.follow(view := Remarks())
    at = await house.remark("alpha", "one")
    assert await following.wait_for("remarks", at, timeout=10)

    class Away:
        async def heads(self) -> dict[int, int]:
            return await house.log.heads()

        async def feed(self, *_: int) -> list[object]:
            raise ConnectionResetError("members is away")

    with pytest.raises(ConnectionResetError):
        await rebuild(house.pool, SERVICE, view, {SERVICE: Away()})  # type: ignore[dict-item]
    assert await house.counted() == {"alpha": 1}
    await rebuild(house.pool, SERVICE, view, {SERVICE: house.log})
    assert await house.counted() == {"alpha": 1}
