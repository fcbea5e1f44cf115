import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal

import asyncpg
import pytest
from pydantic import BaseModel

from shared.streams import Changes, Table

SCHEMA = "view_test"
COUNTS = Table(
    "counts",
    {"cell": "text", "month": "date", "held": "int NOT NULL", "late": "int"},
    key=("cell", "month"),
    new={"held": 0},
)
THINGS = Table(
    "things",
    {
        "id": "text",
        "day": "date",
        "at": "timestamptz",
        "path": "text[] NOT NULL",
        "share": "numeric",
        "told": "jsonb",
        "secret": "bytea",
        "size": "int GENERATED ALWAYS AS (cardinality(path)) STORED",
    },
    key=("id",),
    new={"path": []},
    indexes=("(day)",),
)
MONTH = date(2026, 11, 1)


class Told(BaseModel):
    by: str
    on: date


@pytest.fixture
async def connection(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(f"CREATE SCHEMA {SCHEMA}")
        for table in (COUNTS, THINGS):
            for statement in table.create(SCHEMA):
                await connection.execute(statement)
        yield connection


@pytest.fixture
def change(connection: asyncpg.Connection) -> Changes:
    return Changes(connection, SCHEMA)


async def test_a_row_of_every_kind_of_column_is_written_and_read_back(change: Changes) -> None:
    at = datetime(2026, 11, 22, 3, 4, 5, 678901, tzinfo=UTC)
    row = await change.row(THINGS, id="a")
    row.update(
        day=MONTH,
        at=at,
        path=["khối", "chi bộ"],
        share=Decimal("12.34"),
        secret=b"\x00\xff",
        told=Told(by="ấn", on=MONTH),
    )
    await change.flush()
    again = await Changes(change.connection, SCHEMA).row(THINGS, id="a")
    assert again == {
        "id": "a",
        "day": MONTH,
        "at": at,
        "path": ["khối", "chi bộ"],
        "share": Decimal("12.34"),
        "told": {"by": "ấn", "on": "2026-11-01"},
        "secret": b"\x00\xff",
    }


async def test_a_row_is_read_once_and_every_handler_of_the_batch_sees_the_same(change: Changes) -> None:
    (await change.row(THINGS, id="a"))["day"] = MONTH
    found = await change.find(THINGS, id="a")
    assert found is not None
    assert found["day"] == MONTH
    assert found is await change.row(THINGS, id="a")


async def test_fresh_rows_do_not_share_their_lists(change: Changes) -> None:
    (await change.row(THINGS, id="a"))["path"].append("x")
    assert (await change.row(THINGS, id="b"))["path"] == []


async def test_counters_add_up_within_a_batch_and_between_batches(change: Changes) -> None:
    for _ in range(3):
        change.add(COUNTS, {"cell": "a", "month": MONTH}, held=1)
    change.add(COUNTS, {"cell": "b", "month": MONTH}, late=2)
    await change.flush()
    later = Changes(change.connection, SCHEMA)
    later.add(COUNTS, {"cell": "a", "month": MONTH}, held=2, late=1)
    await later.flush()
    rows = await later.select(COUNTS, "month = $1 ORDER BY cell", MONTH)
    assert [(row["cell"], row["held"], row["late"]) for row in rows] == [("a", 5, 1), ("b", 0, 2)]


async def test_a_row_that_is_read_after_an_addition_has_it(change: Changes) -> None:
    change.add(COUNTS, {"cell": "a", "month": MONTH}, held=1)
    row = await change.row(COUNTS, cell="a", month=MONTH)
    assert row["held"] == 1
    change.add(COUNTS, {"cell": "a", "month": MONTH}, held=1)
    row["late"] = 7
    await change.flush()
    (stored,) = await Changes(change.connection, SCHEMA).select(COUNTS, "true")
    assert (stored["held"], stored["late"]) == (2, 7)


async def test_a_deleted_row_is_gone_and_can_be_made_again(change: Changes) -> None:
    (await change.row(THINGS, id="a"))["day"] = MONTH
    (await change.row(THINGS, id="b"))["day"] = MONTH
    await change.flush()
    later = Changes(change.connection, SCHEMA)
    later.delete(THINGS, id="a")
    later.delete(THINGS, id="b")
    assert await later.find(THINGS, id="a") is None
    assert (await later.row(THINGS, id="b"))["day"] is None
    assert [row["id"] for row in await later.select(THINGS, "true")] == ["b"]


async def test_an_addition_to_a_deleted_row_starts_it_anew(change: Changes) -> None:
    change.add(COUNTS, {"cell": "a", "month": MONTH}, held=5)
    await change.flush()
    change.delete(COUNTS, cell="a", month=MONTH)
    change.add(COUNTS, {"cell": "a", "month": MONTH}, held=1)
    (row,) = await change.select(COUNTS, "true")
    assert row["held"] == 1


async def test_a_selected_row_that_is_changed_is_written_too(change: Changes) -> None:
    (await change.row(THINGS, id="a"))["told"] = {"n": 1}
    for row in await change.select(THINGS, "id = $1", "a"):
        row["told"]["n"] = 2
    await change.flush()
    (stored,) = await Changes(change.connection, SCHEMA).select(THINGS, "true")
    assert stored["told"] == {"n": 2}


async def test_a_batch_is_few_statements_however_many_rows_it_changes(
    change: Changes, connection: asyncpg.Connection
) -> None:
    statements: list[str] = []
    for number in range(200):
        change.add(COUNTS, {"cell": f"cell-{number}", "month": MONTH}, held=1)
    with connection.query_logger(lambda record: statements.append(record.query)):
        await change.flush()
        await asyncio.sleep(0)  # asyncpg tells its logger soon after
    assert len(statements) == 1


async def test_what_a_batch_will_ask_for_is_read_in_one_statement_a_table(
    change: Changes, connection: asyncpg.Connection
) -> None:
    for number in range(3):
        (await change.row(THINGS, id=f"thing-{number}"))["told"] = {"n": number}
    change.add(COUNTS, {"cell": "a", "month": MONTH}, held=4)
    await change.flush()
    later, statements = Changes(connection, SCHEMA), list[str]()
    with connection.query_logger(lambda record: statements.append(record.query)):
        await later.prefetch([*(THINGS.at(f"thing-{number}") for number in (0, 1, 2, 2, 3)), COUNTS.at("a", MONTH)])
        rows = [await later.find(THINGS, id=f"thing-{number}") for number in range(4)]
        counts = await later.row(COUNTS, cell="a", month=MONTH)
        await asyncio.sleep(0)
    assert [row and row["told"] for row in rows] == [{"n": 0}, {"n": 1}, {"n": 2}, None]
    assert counts["held"] == 4
    assert len(statements) == 2


async def test_reading_ahead_changes_nothing_that_the_batch_has_already_done(change: Changes) -> None:
    (await change.row(THINGS, id="kept"))["day"] = MONTH
    (await change.row(THINGS, id="gone"))["day"] = MONTH
    change.add(COUNTS, {"cell": "a", "month": MONTH}, held=1)
    await change.flush()
    (await change.row(THINGS, id="kept"))["day"] = None
    change.delete(THINGS, id="gone")
    change.add(COUNTS, {"cell": "a", "month": MONTH}, held=1)
    await change.prefetch([THINGS.at("kept"), THINGS.at("gone"), COUNTS.at("a", MONTH)])
    kept = await change.find(THINGS, id="kept")
    assert kept is not None
    assert kept["day"] is None
    assert await change.find(THINGS, id="gone") is None
    assert (await change.row(COUNTS, cell="a", month=MONTH))["held"] == 2


async def test_rows_read_ahead_can_be_added_to_changed_deleted_and_replaced(change: Changes) -> None:
    for name in ("added to", "deleted", "replaced"):
        change.add(COUNTS, {"cell": name, "month": MONTH}, held=1)
    await change.flush()
    later = Changes(change.connection, SCHEMA)
    names = ("added to", "deleted", "replaced", "missing", "new")
    await later.prefetch(COUNTS.at(name, MONTH) for name in names)
    later.add(COUNTS, {"cell": "added to", "month": MONTH}, held=1)
    later.add(COUNTS, {"cell": "missing", "month": MONTH}, held=1)
    later.delete(COUNTS, cell="deleted", month=MONTH)
    later.put(COUNTS, cell="replaced", month=MONTH, late=7)
    (await later.row(COUNTS, cell="new", month=MONTH))["late"] = 1
    rows = await later.select(COUNTS, "true")
    assert {row["cell"]: (row["held"], row["late"]) for row in rows} == {
        "added to": (2, None),
        "missing": (1, None),
        "replaced": (0, 7),
        "new": (0, 1),
    }


async def test_a_row_that_is_put_replaces_what_was_there_without_reading_it(
    change: Changes, connection: asyncpg.Connection
) -> None:
    (await change.row(THINGS, id="a")).update(day=MONTH, told={"n": 1})
    await change.flush()
    later, statements = Changes(connection, SCHEMA), list[str]()
    with connection.query_logger(lambda record: statements.append(record.query)):
        row = later.put(THINGS, id="a", told={"n": 2})
        row["path"].append("x")
        assert await later.find(THINGS, id="a") is row
        await later.flush()
        await asyncio.sleep(0)
    assert len(statements) == 1
    (stored,) = await Changes(connection, SCHEMA).select(THINGS, "true")
    assert (stored["day"], stored["told"], stored["path"]) == (None, {"n": 2}, ["x"])


async def test_a_row_that_is_put_again_within_a_batch_is_as_it_was_put_last(change: Changes) -> None:
    change.add(COUNTS, {"cell": "a", "month": MONTH}, held=5)
    change.put(COUNTS, cell="a", month=MONTH, held=1)
    await change.flush()
    change.delete(COUNTS, cell="a", month=MONTH)
    change.put(COUNTS, cell="a", month=MONTH, held=1)
    change.add(COUNTS, {"cell": "a", "month": MONTH}, held=1)
    (row,) = await change.select(COUNTS, "true")
    assert row["held"] == 2


async def test_the_key_of_a_row_cannot_be_changed(change: Changes) -> None:
    (await change.row(THINGS, id="a"))["id"] = "b"
    with pytest.raises(ValueError, match="the key"):
        await change.flush()
