"""What one batch changes in a view: rows are read once, changed in memory, and written back as few statements."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import asyncpg
import orjson
from pydantic import BaseModel

from shared.streams.table import Key, Spot, Table


class _Rows:
    """The rows of one table that this batch has met. ``None``: known not to exist."""

    def __init__(self) -> None:
        self.met: dict[Key, dict[str, Any] | None] = {}
        self.stored: dict[Key, bytes] = {}  # as the database has them, to write back only what changed
        self.added: dict[Key, dict[str, int]] = {}
        self.deleted: set[Key] = set()


class Changes:
    """Given to every handler of a view; one per transaction.

    ``schema`` is where the tables live: another one while the view is being rebuilt, so SQL of a handler's own
    names a table by `name`.
    """

    def __init__(self, connection: asyncpg.Connection, schema: str) -> None:
        self.connection = connection
        self.schema = schema
        self.topics: set[str] = set()
        self._tables: dict[str, tuple[Table, _Rows]] = {}

    def name(self, table: Table) -> str:
        """The qualified name of a table, for SQL of a handler's own."""
        return f'"{self.schema}"."{table.name}"'

    def touched(self, topic: str) -> None:
        """Tell who follows this view live that ``topic`` (a cell, a meeting…) looks different now."""
        self.topics.add(topic)

    async def row(self, table: Table, **key: Any) -> dict[str, Any]:
        """The row with this key, or a fresh one; change the dict and it is written with the batch.

        Only for rows that this view changes from one partition at a time, or in an exclusive view.
        """
        found = await self.find(table, **key)
        return self.put(table, **key) if found is None else found

    def put(self, table: Table, **values: Any) -> dict[str, Any]:
        """A whole row, in the place of whatever has its key, so nothing is read; columns not named are as in a fresh
        row. Changing the dict changes what is written."""
        rows, wanted = self._rows(table), table.key_of(values)
        row = table.fresh()
        row.update(values)
        rows.added.pop(wanted, None)
        rows.met[wanted] = row
        return row

    async def prefetch(self, spots: Iterable[Spot]) -> None:
        """Read the rows that a batch is about to ask for, one statement a table; `find` then has them, or knows that
        they do not exist."""
        wanted: dict[str, dict[Key, None]] = {}
        for table, key in spots:
            rows = self._rows(table)
            if key not in rows.met and key not in rows.added:
                wanted.setdefault(table.name, {})[key] = None
        for name, keys in wanted.items():
            table, rows = self._tables[name]
            given = _json([dict(zip(table.key, key, strict=True)) for key in keys])
            for record in await self.connection.fetch(table.by_keys(self.schema), given):
                del keys[table.key_of(self._track(table, record))]
            rows.met.update(keys)

    async def find(self, table: Table, **key: Any) -> dict[str, Any] | None:
        """The row with this key if there is one (as this batch has left it so far); also tracked."""
        rows, wanted = self._rows(table), table.key_of(key)
        if wanted in rows.added:
            await self._flush(table)
        if wanted not in rows.met:
            record = await self.connection.fetchrow(table.by_key(self.schema), *wanted)
            if record is None:
                rows.met[wanted] = None
            else:
                self._track(table, record)
        return rows.met[wanted]

    def add(self, table: Table, key: Mapping[str, Any], **amounts: int) -> None:
        """Add to counters of a row that several partitions may touch; commutes with every other add."""
        rows, wanted = self._rows(table), table.key_of(key)
        row = rows.met.get(wanted)
        if row is not None:
            for name, amount in amounts.items():
                row[name] = (row[name] or 0) + amount
            return
        rows.met.pop(wanted, None)
        sums = rows.added.setdefault(wanted, {})
        for name, amount in amounts.items():
            sums[name] = sums.get(name, 0) + amount

    def delete(self, table: Table, **key: Any) -> None:
        rows, wanted = self._rows(table), table.key_of(key)
        rows.met[wanted] = None
        rows.added.pop(wanted, None)
        rows.stored.pop(wanted, None)
        rows.deleted.add(wanted)

    async def select(self, table: Table, where: str, *args: Any) -> list[dict[str, Any]]:
        """Rows that fulfil a condition (``where`` is SQL with $1…), as this batch has left them: flushes the table."""
        await self._flush(table)
        return [
            self._track(table, record)
            for record in await self.connection.fetch(table.select(self.schema, where), *args)
        ]

    async def flush(self) -> None:
        """Write what changed so far, tables and keys in one order everywhere, so that batches do not deadlock."""
        for name in sorted(self._tables):
            await self._flush(self._tables[name][0])

    async def _flush(self, table: Table) -> None:
        rows = self._rows(table)
        if rows.deleted:
            gone = [dict(zip(table.key, key, strict=True)) for key in _ordered(rows.deleted)]
            await self.connection.execute(table.remove(self.schema), _json(gone))
            rows.deleted.clear()
        changed: dict[Key, bytes] = {}
        for key, row in rows.met.items():
            if row is None:
                continue
            if table.key_of(row) != key:
                raise ValueError(f"the key of a row of {table.name} was changed from {key}: delete it and make another")
            now = orjson.dumps(row, default=_plain)
            if rows.stored.get(key) != now:
                changed[key] = now
        if changed:
            rows.stored |= changed
            given = b"[" + b",".join(now for _, now in _ordered_items(changed)) + b"]"
            await self.connection.execute(table.upsert(self.schema), given.decode())
        if rows.added:
            counters = sorted({name for amounts in rows.added.values() for name in amounts})
            increments = [
                {**table.new, **dict.fromkeys(counters, 0), **dict(zip(table.key, key, strict=True)), **amounts}
                for key, amounts in _ordered_items(rows.added)
            ]
            await self.connection.execute(table.increment(self.schema, counters), _json(increments))
            rows.added.clear()

    def _rows(self, table: Table) -> _Rows:
        held = self._tables.get(table.name)
        if held is None:
            held = self._tables[table.name] = (table, _Rows())
        return held[1]

    def _track(self, table: Table, record: asyncpg.Record) -> dict[str, Any]:
        """The one dict of this batch for a row that was read."""
        rows = self._rows(table)
        row = dict(record)
        for name in table.json_columns:
            if row[name] is not None:
                row[name] = orjson.loads(row[name])
        key = table.key_of(row)
        held = rows.met.get(key)
        if held is not None:
            return held
        rows.met[key] = row
        rows.stored[key] = orjson.dumps(row, default=_plain)
        return row


def _ordered(keys: set[Key]) -> list[Key]:
    return sorted(keys, key=repr)


def _ordered_items(rows: dict[Key, Any]) -> list[tuple[Key, Any]]:
    return sorted(rows.items(), key=lambda item: repr(item[0]))


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows, default=_plain).decode()


def _plain(value: Any) -> Any:
    """What JSON lacks, in the form PostgreSQL reads."""
    match value:
        case Decimal():
            return str(value)
        case bytes():
            return "\\x" + value.hex()
        case set() | frozenset():
            return sorted(value)
        case BaseModel():
            return value.model_dump(mode="json")
        case _:
            raise TypeError(f"{type(value).__name__} cannot be written to a view")
