"""Whatever somebody with every right on the database changes in the tables, verify or an old checkpoint tells.

One small log; every example tampers with it in a transaction that is rolled back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from shared.eventlog import EventLog
from shared.eventlog import verify as verifying
from shared.eventlog.chain import GENESIS, next_hash
from shared.eventlog.checkpoints import answer
from shared.eventlog.codec import COLUMNS, to_stored
from shared.eventlog.model import Broken, Verification
from shared.eventlog.schema import create
from shared.eventlog.tests.support import KEY_OF, order, write
from shared.transparency.checkpoint import Checkpoint
from tests.support.databases import fresh_database

SIZES = {0: 7, 1: 0, 2: 11, 3: 1}  # events of each partition
PLACES = st.sampled_from([(partition, at + 1) for partition, size in SIZES.items() for at in range(size)])
BITS = {"partition": 32, "position": 64, "version": 32, "schema": 32, "recorded_at": 63, "hash": 256}
TEXTS = ("stream", "type", "data", "metadata")
YEAR_2000 = datetime(2000, 1, 1, tzinfo=UTC)  # instants are stored as microseconds since

BEHIND_ITS_BACK = "ALTER TABLE event DISABLE TRIGGER event_never_changes"
ROW = "SELECT * FROM event WHERE partition = $1 AND position = $2"
DELETE = "DELETE FROM event WHERE partition = $1 AND position = $2"
CUT = "DELETE FROM event WHERE partition = $1 AND position >= $2"
SHIFT = (
    "UPDATE event SET position = -position - 1 WHERE partition = $1 AND position >= $2",
    "UPDATE event SET position = -position WHERE partition = $1 AND position < 0",
)
COPY = """
    INSERT INTO event SELECT partition, $3, 'meeting:forged', 1, type, schema, data, metadata, recorded_at, hash
    FROM event WHERE partition = $1 AND position = $2"""
MOVE = "UPDATE event SET position = $3 WHERE partition = $1 AND position = $2"
SET_HASH = "UPDATE event SET hash = $3 WHERE partition = $1 AND position = $2"
SET_HEAD = "UPDATE partition_head SET position = $2, hash = $3 WHERE partition = $1"


@dataclass
class Lab:
    runner: asyncio.Runner
    connection: asyncpg.Connection
    checkpoints: dict[int, Checkpoint]  # of all that was recorded, kept outside

    def after(self, tamper: Callable[[asyncpg.Connection], Awaitable[None]]) -> Verification:
        """What verify finds when ``tamper`` has been at work; then it is undone."""

        async def run() -> Verification:
            undo = self.connection.transaction()
            await undo.start()
            try:
                await self.connection.execute(BEHIND_ITS_BACK)
                await tamper(self.connection)
                return await self.verify()
            except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError):
                assume(False)  # the tables themselves do not take it
                raise
            finally:
                await undo.rollback()

        return self.runner.run(run())

    async def verify(self) -> Verification:
        sizes = {partition: [signed.size] for partition, signed in self.checkpoints.items()}
        return await verifying.verify(self.connection, "meetings", len(SIZES), None, sizes)

    def against(self, found: Verification) -> set[str]:
        """What the old checkpoints say."""
        return {answer(signed, partition, found) for partition, signed in self.checkpoints.items()}


@pytest.fixture(scope="module")
def lab(postgres_url: str) -> Iterator[Lab]:
    async def fill(pool: asyncpg.Pool) -> None:
        async with pool.acquire() as connection:
            await create(connection, len(SIZES))
        log = await EventLog.open(pool, "meetings")
        for partition, size in SIZES.items():
            for n in range(size):
                stream = f"meeting:{partition}-{n % 2}"
                await log.append(
                    write(stream, n // 2, f"Ý kiến {n}"), key=KEY_OF[partition], command=order(f"k{partition}-{n}")
                )

    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as patch:
        patch.setattr(verifying, "PAGE", 4)  # several pages
        database = fresh_database(postgres_url)
        url = runner.run(database.__aenter__())
        try:
            pool = runner.run(asyncpg.create_pool(url, min_size=1, max_size=2).__aenter__())
            runner.run(fill(pool))
            runner.run(pool.close())
            connection = runner.run(asyncpg.connect(url))
            made = Lab(runner, connection, {})
            whole = runner.run(made.verify())
            assert whole.events == SIZES
            made.checkpoints = {p: Checkpoint(f"log/{p}", size, whole.roots[p, size]) for p, size in SIZES.items()}
            yield made
            runner.run(connection.close())
        finally:
            runner.run(database.__aexit__(None, None, None))


some = settings(max_examples=30, deadline=None)
many = settings(max_examples=150, deadline=None)


def places(found: Verification) -> list[tuple[int, int]]:
    return [(broken.partition, broken.position) for broken in found.broken]


def flipped(value: Any, bit: int, width: int) -> Any:
    """``value`` as it is stored, with one bit changed."""
    match value:
        case int():
            changed = (value % 2**width) ^ (1 << bit)
            return changed - 2**width if changed >= 2 ** (width - 1) else changed
        case bytes():
            return bytes(octet ^ (1 << bit % 8 if at == bit // 8 else 0) for at, octet in enumerate(value))
        case str():
            octets = flipped(value.encode(), bit, width)
            try:
                return octets.decode()
            except UnicodeDecodeError:
                assume(False)  # no text
    raise AssertionError(value)


def test_a_log_nobody_touched_agrees_with_its_checkpoints(lab: Lab) -> None:
    async def nothing(_: asyncpg.Connection) -> None: ...

    found = lab.after(nothing)
    assert (found.broken, lab.against(found)) == ([], {"holds"})


@many
@example(place=(2, 6), column="recorded_at", at=62)  # an instant no program can read
@given(place=PLACES, column=st.sampled_from([*BITS, *TEXTS]), at=st.integers(0, 2**20))
def test_a_single_bit_of_any_column_is_found(lab: Lab, place: tuple[int, int], column: str, at: int) -> None:
    moved_to = [place]

    async def tamper(connection: asyncpg.Connection) -> None:
        value = (await connection.fetchrow(ROW, *place))[column]
        if column == "recorded_at":
            micros = (value - YEAR_2000) // timedelta(microseconds=1)
            value = timedelta(microseconds=flipped(micros, at % 63, 64))
            await connection.execute("SET LOCAL timezone = 'UTC'")
            await connection.execute(
                "UPDATE event SET recorded_at = timestamptz '2000-01-01Z' + $3 WHERE partition = $1 AND position = $2",
                *(*place, value),
            )
            return
        width = BITS[column] if column in BITS else 8 * len(value.encode())
        changed = flipped(value, at % width, width)
        if column in ("partition", "position"):
            moved_to.append((changed, place[1]) if column == "partition" else (place[0], changed))
        await connection.execute(
            f"UPDATE event SET {column} = $3 WHERE partition = $1 AND position = $2", *place, changed
        )

    found = lab.after(tamper)
    firsts = {partition: min(at for home, at in moved_to if home == partition) for partition, _ in moved_to}
    assert dict(places(found)) == firsts


@some
@given(place=PLACES)
def test_a_deleted_event_is_found(lab: Lab, place: tuple[int, int]) -> None:
    async def tamper(connection: asyncpg.Connection) -> None:
        await connection.execute(DELETE, *place)

    assert places(lab.after(tamper)) == [place]


@some
@given(place=PLACES, as_head=st.booleans())
def test_an_inserted_event_is_found(lab: Lab, place: tuple[int, int], as_head: bool) -> None:
    partition, position = place

    async def tamper(connection: asyncpg.Connection) -> None:
        for statement, arguments in zip(SHIFT, (place, (partition,)), strict=True):
            await connection.execute(statement, *arguments)
        await connection.execute(COPY, partition, position + 1, position)
        if as_head:
            await connection.execute(
                "UPDATE partition_head SET position = position + 1 WHERE partition = $1", partition
            )

    assert places(lab.after(tamper)) == [place]


@some
@given(place=PLACES, beyond=st.integers(1, 2**40))
def test_an_event_added_past_the_head_is_found(lab: Lab, place: tuple[int, int], beyond: int) -> None:
    partition, position = place

    async def tamper(connection: asyncpg.Connection) -> None:
        await connection.execute(COPY, partition, position, SIZES[partition] + beyond)

    assert places(lab.after(tamper)) == [(partition, SIZES[partition] + beyond)]


@some
@given(place=PLACES, other=st.integers(1, 11))
def test_two_events_that_changed_places_are_found(lab: Lab, place: tuple[int, int], other: int) -> None:
    partition, position = place
    assume(other <= SIZES[partition] and other != position)

    async def tamper(connection: asyncpg.Connection) -> None:
        for here, there in ((position, -1), (other, position), (-1, other)):
            await connection.execute(MOVE, partition, here, there)

    assert places(lab.after(tamper)) == [(partition, min(position, other))]


@some
@given(place=PLACES)
def test_a_tail_that_was_cut_is_found(lab: Lab, place: tuple[int, int]) -> None:
    async def tamper(connection: asyncpg.Connection) -> None:
        await connection.execute(CUT, *place)

    assert places(lab.after(tamper)) == [place]


@some
@given(place=PLACES)
def test_a_tail_that_was_cut_with_the_head_moved_back_is_told_by_the_checkpoint(
    lab: Lab, place: tuple[int, int]
) -> None:
    partition, position = place

    async def tamper(connection: asyncpg.Connection) -> None:
        before = await connection.fetchrow(ROW, partition, position - 1)
        await connection.execute(CUT, *place)
        await connection.execute(SET_HEAD, partition, position - 1, before["hash"] if before else GENESIS)

    found = lab.after(tamper)
    assert found.broken == []  # the chain alone cannot know
    assert lab.against(found) == {"holds", "shrunk"}


@some
@given(partition=st.sampled_from(list(SIZES)), bit=st.integers(0, 255), by=st.integers(-11, 2**40), whole=st.booleans())
def test_a_changed_head_is_found(lab: Lab, partition: int, bit: int, by: int, whole: bool) -> None:
    size = SIZES[partition]
    assume(size + by >= 0)

    async def tamper(connection: asyncpg.Connection) -> None:
        head = await connection.fetchval("SELECT hash FROM partition_head WHERE partition = $1", partition)
        if whole:
            await connection.execute("DELETE FROM partition_head WHERE partition = $1", partition)
        else:
            await connection.execute(SET_HEAD, partition, size + by, flipped(head, bit, 256))

    expected = 1 if whole or (by < 0 and size + by == 0) else size + min(by, 0) if by <= 0 else size + 1
    assert places(lab.after(tamper)) == [(partition, expected)]


@some
@given(partition=st.integers(4, 2**31 - 1), position=st.integers(0, 2**63 - 1))
def test_the_head_of_a_partition_that_does_not_exist_is_found(lab: Lab, partition: int, position: int) -> None:
    async def tamper(connection: asyncpg.Connection) -> None:
        await connection.execute("INSERT INTO partition_head VALUES ($1, $2, $3)", partition, position, GENESIS)

    assert lab.after(tamper).broken == [Broken(partition, position, "there is no such partition")]


@some
@given(place=PLACES, column=st.sampled_from(["metadata", "data"]), also_add=st.booleans())
def test_a_full_rewrite_is_told_by_the_checkpoint_alone(
    lab: Lab, place: tuple[int, int], column: str, also_add: bool
) -> None:
    """The attacker does all that the append function would have done: every hash and the head fit."""
    partition, position = place

    async def tamper(connection: asyncpg.Connection) -> None:
        await connection.execute(
            f"UPDATE event SET {column} = {column} || ' ' WHERE partition = $1 AND position = $2", *place
        )
        if also_add:
            await connection.execute(COPY, partition, position, SIZES[partition] + 1)
        last = GENESIS
        rows = await connection.fetch(f"SELECT {COLUMNS} FROM event WHERE partition = $1 ORDER BY position", partition)
        for event in (to_stored("meetings", row) for row in rows):
            last = next_hash(last, event)
            await connection.execute(SET_HASH, partition, event.position, last)
        await connection.execute(SET_HEAD, partition, len(rows), last)

    found = lab.after(tamper)
    assert found.broken == []
    assert lab.against(found) == {"holds", "rewritten"}
