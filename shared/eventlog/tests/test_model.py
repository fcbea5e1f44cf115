"""The log against a model in memory: whatever is appended, repeated or refused, both say the same."""

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.database import open_pool
from shared.eventlog import Appended, DifferentPartitions, EventLog, KeyReused, StaleVersion
from shared.eventlog.schema import create
from shared.eventlog.tests.support import KEY_OF, order, texts, write

T = TypeVar("T")
STREAMS = [f"meeting:{n}" for n in range(5)]
CELLS = st.sampled_from(list(KEY_OF.values()))
CHANGES = st.dictionaries(
    st.sampled_from(STREAMS),
    st.tuples(
        st.sampled_from([0, 0, 0, 0, -1, 1]), st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=3)
    ),
    min_size=1,
    max_size=3,
)


@dataclass
class Model:
    streams: dict[str, list[str]] = field(default_factory=dict)
    home: dict[str, int] = field(default_factory=dict)  # stream -> partition
    partitions: dict[int, list[tuple[str, int]]] = field(default_factory=lambda: {p: [] for p in range(4)})
    answers: dict[str, tuple[str, Appended]] = field(default_factory=dict)  # key -> content, answer

    def append(self, changes: dict[str, tuple[int, list[str]]], partition: int) -> type[Exception] | tuple[int, int]:
        """The position of the last event, or the refusal."""
        homes = {self.home[stream] for stream in changes if stream in self.home}
        if len(homes) > 1:
            return DifferentPartitions
        if any(expected != len(self.streams.get(stream, [])) for stream, (expected, _) in changes.items()):
            return StaleVersion
        partition = homes.pop() if homes else partition
        for stream, (_, said) in changes.items():
            if said:
                self.home[stream] = partition
            for text in said:
                self.streams.setdefault(stream, []).append(text)
                self.partitions[partition].append((stream, len(self.streams[stream])))
        wrote = any(said for _, said in changes.values())
        return partition, len(self.partitions[partition]) if wrote else 0


class LogMachine(RuleBasedStateMachine):
    url: str  # of the server

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.runner = asyncio.Runner()
        self.run(self.open())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def open(self) -> None:
        self.name = f"test_{secrets.token_hex(8)}"
        admin = await asyncpg.connect(self.url)
        await admin.execute(f"CREATE DATABASE {self.name} TEMPLATE template0 STRATEGY file_copy")
        await admin.close()
        self.pool = await open_pool(urlunsplit(urlsplit(self.url)._replace(path=f"/{self.name}")), name="model")
        async with self.pool.acquire() as connection:
            await create(connection, 4)
        self.log = await EventLog.open(self.pool, "meetings")

    async def close(self) -> None:
        await self.pool.close()
        admin = await asyncpg.connect(self.url)
        await admin.execute(f"DROP DATABASE {self.name} WITH (FORCE)")
        await admin.close()

    def teardown(self) -> None:
        self.run(self.close())
        self.runner.close()

    async def do(self, changes: dict[str, tuple[int, list[str]]], cell: str, key: str | None, joined: bool) -> Appended:
        writes = [write(stream, expected, *said) for stream, (expected, said) in changes.items()]
        command = order(key, repr(changes))
        if not joined:
            return await self.log.append(writes, key=cell, command=command)
        async with self.pool.acquire() as connection, connection.transaction():
            return await self.log.append(writes, key=cell, command=command, connection=connection)

    @rule(changes=CHANGES, cell=CELLS, keyed=st.booleans(), joined=st.booleans())
    def append(self, changes: dict[str, tuple[int, list[str]]], cell: str, keyed: bool, joined: bool) -> None:
        key = f"k{len(self.model.answers)}" if keyed else None
        # an error in the expected version that would make it negative says nothing
        orders = {
            stream: (max(0, len(self.model.streams.get(stream, [])) + error), said)
            for stream, (error, said) in changes.items()
        }
        expected = self.model.append(orders, self.log.partition_of(cell))
        if isinstance(expected, type):
            with pytest.raises(expected):
                self.run(self.do(orders, cell, key, joined))
            return
        appended = self.run(self.do(orders, cell, key, joined))
        assert (appended.at.partition, appended.at.position) == expected
        assert appended.versions == {stream: version + len(said) for stream, (version, said) in orders.items()}
        assert not appended.repeated
        if key is not None:
            self.model.answers[key] = (repr(orders), appended)
            self.last = (key, orders)

    @precondition(lambda self: self.model.answers)
    @rule(cell=CELLS, joined=st.booleans())
    def repeat(self, cell: str, joined: bool) -> None:
        key, orders = self.last
        again = self.run(self.do(orders, cell, key, joined))
        first = self.model.answers[key][1]
        assert again.repeated
        assert (again.at, again.versions, again.answer) == (first.at, first.versions, first.answer)

    @precondition(lambda self: self.model.answers)
    @rule(data=st.data(), cell=CELLS)
    def reuse(self, data: st.DataObject, cell: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.answers)))
        with pytest.raises(KeyReused):
            self.run(self.do({"meeting:other": (0, ["other"])}, cell, key, False))

    @invariant()
    def everything_reads_alike(self) -> None:
        async def read() -> None:
            for stream in STREAMS:
                assert texts(await self.log.read(stream)) == self.model.streams.get(stream, [])
            for partition, expected in self.model.partitions.items():
                feed = await self.log.feed(partition, 0, 1000)
                assert [(event.stream, event.version) for event in feed] == expected
                assert [event.position for event in feed] == list(range(1, len(expected) + 1))
            assert await self.log.heads() == {p: len(events) for p, events in self.model.partitions.items()}
            verification = await self.log.verify()
            assert verification.broken == []

        self.run(read())


def test_the_log_does_what_a_simple_model_does(postgres_url: str) -> None:
    machine = type("Machine", (LogMachine,), {"url": postgres_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
