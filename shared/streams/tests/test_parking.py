import pytest

from shared import events
from shared.eventlog import Position
from shared.streams.checkpoint import Place
from shared.streams.parking import NotParked, parked, skip
from shared.streams.tests.house import SERVICE, House, Remarks, eventually
from shared.telemetry.metrics import REGISTRY


async def _poisoned(house: House) -> tuple[Remarks, Position]:
    """A remark about alpha failed; two more about alpha wait behind it, and one about its neighbour does not."""
    view = Remarks()
    view.poison = {"bad"}
    await house.relay()
    following = await house.follow(view)
    await house.remark("alpha", "first", "bad", "third")
    await house.remark("beta", "good")
    at = await house.remark("alpha", "fourth")
    assert await following.wait_for("remarks", at, timeout=10)
    return view, at


async def test_a_poison_event_is_parked_with_its_followers_and_the_others_go_on(house: House) -> None:
    await _poisoned(house)
    assert await house.texts("alpha") == ["first"]
    await eventually(lambda: _counts(house, {"alpha": 1, "beta": 1}))
    waiting = await parked(house.pool)
    assert [event.stream for event in waiting] == ["cell-remarks:alpha"] * 3
    assert waiting[0].error == "ValueError: bad cannot be applied"
    await eventually(lambda: _shows("chibo_parked_events", 3))
    assert [event.behind for event in waiting] == [None, waiting[0].position, waiting[0].position]


async def test_an_event_that_cannot_even_be_parked_is_not_passed(house: House) -> None:
    view = Remarks()
    view.poison = {"bad"}
    following = await house.follow(view)
    await house.pool.execute("ALTER TABLE parked ADD CONSTRAINT full_up CHECK (false)")
    at = await house.remark("alpha", "first", "bad", "third")
    await house.relay()
    assert await following.wait_for("remarks", Position(SERVICE, at.partition, 1), timeout=10)
    retries = _retries()

    async def tried_again_or_passed() -> bool:
        return _retries() > retries or await reached() > 1

    async def reached() -> int:
        position: int = await house.pool.fetchval("SELECT max(position) FROM checkpoint")
        return position

    await eventually(tried_again_or_passed)
    assert await reached() == 1
    await house.pool.execute("ALTER TABLE parked DROP CONSTRAINT full_up")
    assert await following.wait_for("remarks", at, timeout=10)
    assert [event.position for event in await parked(house.pool)] == [2, 3]
    assert await house.texts("alpha") == ["first"]


async def test_an_event_whose_needs_cannot_be_told_is_parked_like_one_that_cannot_be_applied(house: House) -> None:
    view = Remarks()
    view.unforeseeable = {"bad"}
    following = await house.follow(view)
    await house.remark("alpha", "first", "bad", "third")
    await house.remark("beta", "good")
    at = await house.remark("alpha", "fourth")
    await house.relay()
    assert await following.wait_for("remarks", at, timeout=10)
    assert await house.texts("alpha") == ["first"]
    assert [event.behind is None for event in await parked(house.pool)] == [True, False, False]
    await eventually(lambda: _counts(house, {"alpha": 1, "beta": 1}))
    assert await following.retry("remarks", SERVICE, at.partition, "cell-remarks:alpha") == 3
    assert await house.texts("alpha") == ["first", "bad", "third", "fourth"]


async def test_a_parked_stream_that_is_retried_goes_on_in_order(house: House) -> None:
    view, at = await _poisoned(house)
    following = house.following[0]
    with pytest.raises(ValueError, match="bad cannot be applied"):
        await following.retry("remarks", SERVICE, at.partition, "cell-remarks:alpha")
    assert len(await parked(house.pool)) == 3
    view.poison.clear()
    assert await following.retry("remarks", SERVICE, at.partition, "cell-remarks:alpha") == 3
    after = await house.remark("alpha", "fifth")
    assert await following.wait_for("remarks", after, timeout=10)
    assert await house.texts("alpha") == ["first", "bad", "third", "fourth", "fifth"]
    assert await parked(house.pool) == []
    await eventually(lambda: _shows("chibo_parked_events", 0))


async def test_a_skipped_event_is_on_record_and_its_followers_can_go_on(house: House) -> None:
    _, at = await _poisoned(house)
    first = (await parked(house.pool))[0]
    with pytest.raises(ValueError, match="reason"):
        await skip(house.pool, first.place, first.position, by="operator", reason=" ")
    await skip(house.pool, first.place, first.position, by="operator", reason="written by mistake")
    with pytest.raises(NotParked):
        await skip(house.pool, first.place, first.position, by="operator", reason="again")
    assert await house.following[0].retry("remarks", SERVICE, at.partition, "cell-remarks:alpha") == 2
    assert await house.texts("alpha") == ["first", "third", "fourth"]
    row = await house.pool.fetchrow("SELECT skipped_by, reason FROM parked")
    assert tuple(row) == ("operator", "written by mistake")
    assert Place("remarks", SERVICE, at.partition) == first.place


async def test_an_event_of_an_unknown_type_is_parked_not_passed_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await house.remark("alpha", "from a newer version")
    known = events.REGISTRY.pop(f"{SERVICE}.RemarkRecorded")
    monkeypatch.setitem(events.REGISTRY, known.TYPE, known)
    monkeypatch.delitem(events.REGISTRY, known.TYPE)
    following = await house.follow(Remarks())
    assert await following.wait_for("remarks", at, timeout=10)
    (waiting,) = await parked(house.pool)
    assert "unknown to this version" in waiting.error
    monkeypatch.undo()
    events.REGISTRY[known.TYPE] = known
    assert await following.retry("remarks", SERVICE, at.partition, "cell-remarks:alpha") == 1
    assert await house.texts("alpha") == ["from a newer version"]


async def test_an_event_that_only_the_database_refuses_is_found_and_parked_alone(house: House) -> None:
    await house.prepare(view := Remarks())
    await house.pool.execute("ALTER TABLE view_remarks.remark ADD CHECK (text <> 'refused')")
    await house.remark("alpha", "one", "two")
    await house.remark("beta", "refused")
    await house.remark("gamma", "three")
    following = await house.follow(view)
    heads = await house.log.heads()
    for partition, position in heads.items():
        assert await following.wait_for("remarks", Position(SERVICE, partition, position), timeout=10)
    assert await house.counted() == {"alpha": 2, "gamma": 1}
    assert [event.stream for event in await parked(house.pool)] == ["cell-remarks:beta"]


async def _counts(house: House, expected: dict[str, int]) -> bool:
    return await house.counted() == expected


def _retries() -> float:
    labels = {"service": SERVICE, "subscription": "remarks"}
    return REGISTRY.get_sample_value("chibo_subscription_retries_total", labels) or 0


async def _shows(metric: str, value: float) -> bool:
    return REGISTRY.get_sample_value(metric, {"service": SERVICE, "subscription": "remarks"}) == value
