"""Recording a statement over HTTP, beside an endpoint that checks the same body and makes one INSERT.

Both are one uvicorn process with the same settings and a pool of the same size, on one server, driven by one client
process over 32 connections, in turns. chibo's is `chibo serve meetings --role api`: a login that is verified, offices
that are checked, the meeting folded from its stream, rules decided, an idempotency key, an answer with its version.
Each of the 32 secretaries goes on to the next meeting after as many statements as a lively one has.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median

import asyncpg

from bench import bare
from bench.client import Client
from bench.figures import Figure, Result, Size
from bench.load import TEXT, WORKERS, rate
from bench.product import CHIBO, addresses, deployment, environment, free_ports, process, wait_for
from bench.servers import Place
from bench.told import CLOSING, SENDING, TODAY
from deploy.local.demo import script, story
from services.meetings.domain.meeting import Meeting, decide, evolve
from services.meetings.domain.meeting.agenda import DISCUSSION, item_id
from services.members.access.signing import SigningKeys
from shared.auth.model import Actor, HeldOffice
from shared.auth.tokens import issue
from shared.eventlog import Command, EventLog, Write
from shared.events import Event
from shared.events.meetings import RosterEntry
from shared.events.members import Office
from shared.ids import derived_id
from shared.privacy import MasterKey

STATEMENTS = 30  # in a meeting; the documents' surveys have cells of up to 60 members, over half of whom speak
WARM = 0.5  # seconds
Request = tuple[str, bytes, dict[str, str]]  # path, body, headers


@dataclass(frozen=True, slots=True)
class Extent:
    rounds: int
    seconds: float
    meetings: int  # opened for each secretary beforehand


EXTENTS: dict[Size, Extent] = {"full": Extent(28, 1.0, 80), "quick": Extent(3, 2.0, 25), "tiny": Extent(1, 0.2, 3)}


@dataclass(frozen=True, slots=True)
class Secretary:
    token: str
    meetings: Sequence[str]
    speaker: str


def opened(held: story.Held, meeting: str, roster: Sequence[RosterEntry]) -> list[Event]:
    """A meeting whose roll has been called: from now on people speak."""
    now = datetime.combine(TODAY, datetime.min.time(), UTC)
    orders = script.orders(held, meeting, roster, CLOSING, SENDING, now)[:4]
    state, events = Meeting(), list[Event]()
    for order in orders:
        for event in decide(state, order):
            state = evolve(state, event)
            events.append(event)
    return events


async def secretaries(place: Place, extent: Extent) -> list[Secretary]:
    """32 of them, each with a login and meetings that are open."""
    product = deployment(place)
    await product.prepare("members", "meetings")
    settings = product.settings("members")
    assert settings.master_key is not None
    async with (
        asyncpg.create_pool(settings.database_url.get_secret_value(), min_size=1) as members,
        asyncpg.create_pool(product.settings("meetings").database_url.get_secret_value(), min_size=1) as pool,
    ):
        log, now = await EventLog.open(pool, "meetings"), datetime.now(UTC)
        key = await SigningKeys(members, MasterKey(settings.master_key.get_secret_value())).current(now)
        held_by = {held.cell.id: held for held in story.meetings(TODAY)}
        found = []
        for held in list(held_by.values())[:WORKERS]:
            roster = [
                RosterEntry(member=derived_id("bench", held.cell.id, str(number)), official=True)
                for number in range(held.cell.members)
            ]
            meetings = [derived_id("bench", held.cell.id, str(number)) for number in range(extent.meetings)]
            for meeting in meetings:
                write = Write(f"meeting:{meeting}", 0, opened(held, meeting, roster))
                await log.append(write, key=held.cell.id, command=Command("bench", "bench"))
            actor = Actor(derived_id("account", held.cell.id), None, (HeldOffice(Office.CELL_SECRETARY, held.cell.id),))
            token = issue(key, actor, "bench", now=now, lifetime=timedelta(hours=1))
            found.append(Secretary(token, meetings, roster[0].member))
    return found


class Recording:
    """What the 32 have to say on chibo's endpoint."""

    def __init__(self, found: Sequence[Secretary]) -> None:
        self._next = [_requests(one) for one in found]

    def next(self, worker: int) -> Request:
        return next(self._next[worker])


def _requests(one: Secretary) -> Iterator[Request]:
    for number in count():
        meeting = one.meetings[number // STATEMENTS % len(one.meetings)]
        body = {"item": item_id(meeting, DISCUSSION), "speaker": one.speaker, "text": TEXT}
        headers = {"authorization": f"Bearer {one.token}", "idempotency-key": f"{meeting}-{number}"}
        yield f"/meetings/api/v1/meetings/{meeting}/statements", json.dumps(body).encode(), headers


async def run(place: Place, size: Size) -> Result:
    extent = EXTENTS[size]
    found = await secretaries(place, extent)
    product = deployment(place)
    ports = dict(zip(("members", "meetings", "bare"), free_ports(3), strict=True))
    with ExitStack() as running:
        for service in ("members", "meetings"):
            settings = product.settings(service).model_copy(update={"service_urls": addresses(ports)})
            log = place.folder / f"{service}.log"
            command = (*CHIBO, "serve", service, "--role", "api", "--host", "127.0.0.1", "--port", str(ports[service]))
            child = running.enter_context(process(*command, log=log, env=environment(settings)))
            wait_for(f"http://127.0.0.1:{ports[service]}/health/live", child, log)
        async with AsyncExitStack() as stack:
            url = await stack.enter_async_context(place.database("bare"))
            log = place.folder / "bare.log"
            insert = (CHIBO[0], "-m", "bench.bare", url, str(ports["bare"]))
            child = running.enter_context(process(*insert, log=log))
            wait_for(f"http://127.0.0.1:{ports['bare']}/health/live", child, log)
            rounds = await _rounds(ports, found, extent)
            running.close()
    ratio = median(told["chibo"] / told["bare"] for told in rounds)
    return Result(
        [
            Figure("FastAPI with one INSERT", median(told["bare"] for told in rounds), "requests/s"),
            Figure("chibo, record a statement", median(told["chibo"] for told in rounds), "requests/s"),
            Figure("chibo, record a statement", ratio, "of the bare endpoint", at_least=0.6),
        ],
        rounds,
    )


async def _rounds(ports: dict[str, int], found: Sequence[Secretary], extent: Extent) -> list[dict[str, int]]:
    recording = Recording(found)
    body = json.dumps({"item": "discussion", "speaker": found[0].speaker, "text": TEXT}).encode()

    def insert(_worker: int) -> tuple[str, bytes, dict[str, str]]:
        return bare.PATH, body, {}

    await _rate(ports["bare"], insert, min(WARM, extent.seconds))
    await _rate(ports["meetings"], recording.next, min(WARM, extent.seconds))
    rounds = []
    for _ in range(extent.rounds):
        plain = await _rate(ports["bare"], insert, extent.seconds)
        rounds.append(
            {"bare": round(plain), "chibo": round(await _rate(ports["meetings"], recording.next, extent.seconds))}
        )
    return rounds


async def _rate(port: int, request: Callable[[int], Request], seconds: float) -> float:
    """Requests answered a second, over connections of this round: uvicorn closes those that are idle for long."""
    clients = [await Client.connect(port) for _ in range(WORKERS)]

    async def call(worker: int) -> None:
        status, answer = await clients[worker].post(*request(worker))
        assert status == 201, answer

    try:
        return await rate(call, seconds)
    finally:
        await asyncio.gather(*(client.close() for client in clients))
