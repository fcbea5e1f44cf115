"""Another service reads the log over HTTP and gets what the owner stored."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from shared.eventlog import EventLog
from shared.eventlog.cloudevents import MEDIA_TYPE, Malformed
from shared.eventlog.feed import FeedClient
from shared.eventlog.tests.support import KEY_OF, order, write
from shared.http.every_service import feed_router

CELL = KEY_OF[2]


@pytest.fixture
async def client(log: EventLog) -> AsyncIterator[httpx.AsyncClient]:
    """Of an application that serves the feed to whoever asks: the guard has tests of its own."""
    app = FastAPI()
    app.include_router(feed_router)
    app.dependency_overrides[feed_router.dependencies[0].dependency] = lambda: "inspection"
    app.state.context = SimpleNamespace(log=log)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://meetings") as client:
        yield client


@pytest.fixture
def feed(client: httpx.AsyncClient) -> FeedClient:
    return FeedClient("meetings", client)


async def test_what_arrives_is_what_is_stored(log: EventLog, feed: FeedClient) -> None:
    await log.append(write("meeting:1", 0, "Nhất trí “100%”", "b", "c"), key=CELL, command=order())
    assert await feed.feed(2, 0, 10) == await log.feed(2, 0, 10)
    assert await feed.feed(2, 1, 1) == await log.feed(2, 1, 1)
    assert await feed.feed(2, 3, 10) == []
    assert await feed.heads() == await log.heads()


async def test_the_answer_is_a_batch_of_cloudevents(log: EventLog, client: httpx.AsyncClient) -> None:
    await log.append(write("meeting:1", 0, "a"), key=CELL, command=order())
    answer = await client.get("/internal/events", params={"partition": 2})
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert [event["id"] for event in answer.json()] == ["meetings.2.1"]


@pytest.mark.parametrize(
    "asked", [{}, {"partition": -1}, {"partition": 2, "after": -1}, {"partition": 2, "limit": 0}, {"partition": "x"}]
)
async def test_a_question_without_sense_is_refused(client: httpx.AsyncClient, asked: dict[str, str]) -> None:
    assert (await client.get("/internal/events", params=asked)).status_code == 422


async def test_events_of_another_place_than_asked_for_are_refused(log: EventLog, client: httpx.AsyncClient) -> None:
    await log.append(write("meeting:1", 0, "a", "b"), key=CELL, command=order())
    with pytest.raises(Malformed):
        await FeedClient("members", client).feed(2, 0, 10)


async def test_an_answer_that_is_no_feed_is_refused() -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=["?"]))
    async with httpx.AsyncClient(transport=transport, base_url="http://meetings") as client:
        with pytest.raises(Malformed):
            await FeedClient("meetings", client).feed(2, 0, 10)
        with pytest.raises(Malformed):
            await FeedClient("meetings", client).heads()


@pytest.mark.parametrize("heads", [{}, {"1": 0}, {"0": 1, "7": 2}, {"0": -1}, {"0": None}, [], "0"], ids=str)
async def test_heads_that_no_owner_can_have_are_refused(heads: object) -> None:
    """A new subscriber keeps checkpoints for as many partitions as it was told at first."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=heads))
    async with httpx.AsyncClient(transport=transport, base_url="http://meetings") as client:
        with pytest.raises(Malformed):
            await FeedClient("meetings", client).heads()
