"""Ten thousand things that are wrong: nothing breaks, nothing is passed over in silence, what is right all arrives."""

from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random

import httpx
import pytest

from shared.eventlog import Position, Stored
from shared.eventlog.cloudevents import MEDIA_TYPE, Malformed, from_batch, to_batch
from shared.eventlog.feed import FeedClient
from shared.streams.frame import entry_id, frame, stream_key, unframe_all
from shared.streams.parking import parked
from shared.streams.subscriptions import Subscriptions
from shared.streams.tests.house import PARTITIONS, QUICK, SERVICE, House, Remarks, eventually
from shared.streams.tests.spoiling import WRONG_EVENTS, event_at, spoiled_answer, spoiled_frame
from shared.telemetry.metrics import REGISTRY

FRAMES, ANSWERS = 8_000, 2_500


async def test_a_frame_that_changed_on_the_way_is_a_stray_or_says_the_same() -> None:
    dice = Random(1)
    strays = 0
    for number in range(1, FRAMES + 1):
        event = event_at(SERVICE, 0, number, dice)
        fields = await spoiled_frame(event, dice)
        entries = unframe_all(SERVICE, 0, [entry_id(number).encode()], [fields])
        assert entries.events in ([], [event])
        assert len(entries.strays) == 1 - len(entries.events)
        strays += len(entries.strays)
    assert strays > 0.9 * FRAMES


async def test_a_feed_answer_that_changed_on_the_way_is_refused_or_says_the_same() -> None:
    dice = Random(2)
    answer = b""
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=answer))
    refused = 0
    async with httpx.AsyncClient(transport=transport, base_url="http://owner") as client:
        feed = FeedClient(SERVICE, client)
        for _ in range(ANSWERS):
            after = dice.randrange(1_000)
            events = [event_at(SERVICE, 0, after + nth, dice) for nth in range(1, dice.randrange(3, 6))]
            answer = spoiled_answer(events, dice)
            try:
                assert await feed.feed(0, after, 10) == events
            except Malformed:
                refused += 1
    assert refused > 0.9 * ANSWERS


@pytest.mark.parametrize("kind", WRONG_EVENTS)
async def test_a_wrong_event_travels_as_it_was_written(kind: str) -> None:
    """Wrong where it was written, not on the way: it must come to whoever parks it, to the octet."""
    event = WRONG_EVENTS[kind](event_at(SERVICE, 0, 7, Random(3)))
    assert from_batch(to_batch([event])) == [event]
    assert unframe_all(SERVICE, 0, [b"7-0"], [{b"__data__": await frame(event)}]).events == [event]


class Owner:
    """Serves two partitions over a line that spoils one answer in three."""

    def __init__(self, partitions: list[list[Stored]], dice: Random) -> None:
        self.partitions, self._dice = partitions, dice
        self.spoiled = 0

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if self._dice.randrange(3) == 0:
            self.spoiled += 1
            return await self._wrong(request)
        if request.url.path == "/internal/heads":
            return httpx.Response(200, json={str(number): len(log) for number, log in enumerate(self.partitions)})
        return httpx.Response(200, content=to_batch(self._asked(request)), headers={"Content-Type": MEDIA_TYPE})

    def _asked(self, request: httpx.Request) -> list[Stored]:
        partition, after, limit = (int(request.url.params[name]) for name in ("partition", "after", "limit"))
        return self.partitions[partition][after : after + limit]

    async def _wrong(self, request: httpx.Request) -> httpx.Response:
        match self._dice.randrange(5):
            case 0:
                return httpx.Response(500, text="<html>500</html>")
            case 1:
                raise httpx.ReadTimeout("the line is slow")
            case 2:
                return httpx.Response(200, text="<html>Log in</html>")
            case 3:
                return httpx.Response(200, json=self._dice.choice([None, [], {"0": 1, "9": 1}, {"a": 1}, "x"]) or {})
            case _ if request.url.path == "/internal/events" and len(asked := self._asked(request)) > 2:
                return httpx.Response(200, content=spoiled_answer(asked, self._dice))
            case _:
                return httpx.Response(429)


@pytest.fixture
async def owner() -> Owner:
    return Owner([], Random(4))


@pytest.fixture
async def feed(owner: Owner) -> AsyncIterator[FeedClient]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(owner.answer), base_url="http://owner") as client:
        yield FeedClient(SERVICE, client)


@pytest.mark.parametrize("events", [64, pytest.param(500, marks=pytest.mark.faults)])
async def test_of_all_that_goes_wrong_nothing_is_lost_and_all_that_is_right_arrives(
    house: House, owner: Owner, feed: FeedClient, events: int
) -> None:
    dice = Random(5)
    owner.partitions, wrong = _logs(events, dice)
    for partition, log in enumerate(owner.partitions):
        await _publish(house, partition, log, dice)
    await house.prepare(view := Remarks())
    strays = _strays()
    following = Subscriptions(
        SERVICE, house.pool, house.redis_url, views=[view], feeds={SERVICE: feed}, hub=house.hub, look=QUICK
    )
    await following.start()
    house.following.append(following)
    for partition, log in enumerate(owner.partitions):
        assert await following.wait_for(view.name, Position(SERVICE, partition, len(log)), timeout=200)
    parking = {(one.partition, one.position): one for one in await parked(house.pool)}
    assert {place for place, one in parking.items() if one.behind is None} == wrong
    assert all(one.error for one in parking.values())
    arrived = await house.pool.fetch("SELECT remark FROM view_remarks.remark")
    expected = {f"r-{p}-{e.position}" for p, log in enumerate(owner.partitions) for e in log} - {
        f"r-{partition}-{position}" for partition, position in parking
    }
    assert {row["remark"] for row in arrived} == expected
    assert sum((await house.counted()).values()) == len(expected)
    assert owner.spoiled > 0
    assert _strays() > strays
    await eventually(lambda: _well(following))


async def _well(following: Subscriptions) -> bool:
    return following.health() == []


def _logs(events: int, dice: Random) -> tuple[list[list[Stored]], set[tuple[int, int]]]:
    """Two partitions, one event in eight wrong in a stream that otherwise is right; and where the wrong ones are."""
    logs: list[list[Stored]] = []
    wrong: set[tuple[int, int]] = set()
    for partition in range(PARTITIONS):
        log = []
        for position in range(1, events + 1):
            event = event_at(SERVICE, partition, position, dice, cell=f"cell-{partition}-{position // 3}")
            if position % 8 == 0:
                kind = dice.choice(list(WRONG_EVENTS))
                event = WRONG_EVENTS[kind](event)
                wrong.add((partition, position))
            log.append(event)
        logs.append(log)
    return logs, wrong - {place for place in wrong if _behind(place, wrong)}


def _behind(place: tuple[int, int], wrong: set[tuple[int, int]]) -> bool:
    """Whether an earlier event of the same stream is wrong, so that this one only waits behind it."""
    partition, position = place
    return any((partition, before) in wrong for before in range(position // 3 * 3, position))


async def _publish(house: House, partition: int, log: list[Stored], dice: Random) -> None:
    """What a relay would publish, with one entry in three spoiled, forged or lost."""
    key = stream_key(SERVICE, partition)
    for event in log:
        fields: dict[bytes, bytes] = {b"__data__": await frame(event)}
        match dice.randrange(9):
            case 0:
                continue
            case 1:
                fields = await spoiled_frame(event, dice)
            case 2:
                fields = {b"__data__": await frame(replace(event, position=event.position + 1))}
        await house.redis.xadd(key, fields, id=entry_id(event.position))  # type: ignore[arg-type]


def _strays() -> float:
    labels = {"service": SERVICE, "source": SERVICE}
    return REGISTRY.get_sample_value("chibo_stray_entries_total", labels) or 0.0
