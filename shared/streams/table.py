"""A table of a view, and the SQL that follows from its declaration. Identifiers come from code, never from data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any

Key = tuple[Any, ...]
"""The values of a table's key columns, in their order."""

Spot = tuple["Table", Key]
"""A row, whether it exists or not."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table of a view. ``columns`` maps name -> PostgreSQL type with constraints; ``key`` are the key columns.

    ``new`` gives the values a fresh row starts with (columns not named start as NULL); counters start at 0.
    """

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    new: Mapping[str, Any] = field(default_factory=dict)
    indexes: tuple[str, ...] = ()  # e.g. "(cell, period)"

    @cached_property
    def written(self) -> list[str]:
        """The columns a row carries: all but those PostgreSQL computes itself."""
        return [name for name, kind in self.columns.items() if "generated always" not in kind.lower()]

    @cached_property
    def json_columns(self) -> frozenset[str]:
        return frozenset(name for name in self.written if self.columns[name].lower().startswith("json"))

    def at(self, *key: Any) -> Spot:
        """The row with this key (values in the order of `key`), to name it to `View.reads`."""
        return self, key

    @cached_property
    def key_of(self) -> Callable[[Mapping[str, Any]], Key]:
        """Takes the key out of a row; asked several times for every event."""
        if len(self.key) > 1:
            return itemgetter(*self.key)
        (name,) = self.key
        return lambda values: (values[name],)

    def fresh(self) -> dict[str, Any]:
        """A row with nothing in it yet; lists and dicts are copied, so that rows do not share them."""
        row = self._fresh.copy()
        for name in self._unshared:
            row[name] = row[name].copy()
        return row

    @cached_property
    def _fresh(self) -> dict[str, Any]:
        return {**dict.fromkeys(self.written), **self.new}

    @cached_property
    def _unshared(self) -> list[str]:
        return [name for name, value in self.new.items() if isinstance(value, list | dict | set)]

    def create(self, schema: str) -> list[str]:
        """The statements that make the table and its indexes in ``schema``."""
        lines = [f'"{name}" {kind}' for name, kind in self.columns.items()]
        lines.append(f"PRIMARY KEY ({_names(self.key)})")
        target = f'"{schema}"."{self.name}"'
        return [f"CREATE TABLE {target} ({', '.join(lines)})"] + [
            f"CREATE INDEX ON {target} {index}" for index in self.indexes
        ]

    def select(self, schema: str, where: str) -> str:
        """Rows by a condition. JSON columns come as text, whatever codecs the connection has."""
        columns = ", ".join(
            f'"{name}"::text AS "{name}"' if name in self.json_columns else f'"{name}"' for name in self.written
        )
        return f'SELECT {columns} FROM "{schema}"."{self.name}" WHERE {where}'  # noqa: S608

    def by_key(self, schema: str) -> str:
        return self.select(schema, " AND ".join(f'"{name}" = ${n}' for n, name in enumerate(self.key, 1)))

    def by_keys(self, schema: str) -> str:
        """The rows whose keys are given as one JSON array, each looked up by itself: a plan made while the table was
        empty must not scan it once it is large."""
        same = " AND ".join(f'"{name}" = wanted."{name}"' for name in self.key)
        one = self.select(schema, f"{same} LIMIT 1")
        return f"SELECT found.* FROM {self._given(schema)} wanted CROSS JOIN LATERAL ({one}) found"  # noqa: S608

    def upsert(self, schema: str) -> str:
        """Write whole rows, given as one JSON array."""
        rest = [name for name in self.written if name not in self.key]
        action = "UPDATE SET " + ", ".join(f'"{name}" = excluded."{name}"' for name in rest) if rest else "NOTHING"
        return self._insert(schema, self.written, action)

    def increment(self, schema: str, counters: list[str]) -> str:
        """Add to counters, given as one JSON array of rows; a row that is missing starts from ``new``."""
        action = "UPDATE SET " + ", ".join(
            f'"{name}" = coalesce(t."{name}", 0) + excluded."{name}"' for name in counters
        )
        columns = [*self.key, *(name for name in self.new if name not in counters and name not in self.key), *counters]
        return self._insert(schema, columns, action)

    def remove(self, schema: str) -> str:
        """Delete the rows whose keys are given as one JSON array."""
        same = " AND ".join(f't."{name}" = gone."{name}"' for name in self.key)
        return f'DELETE FROM "{schema}"."{self.name}" t USING {self._given(schema)} gone WHERE {same}'  # noqa: S608

    def _insert(self, schema: str, columns: list[str], action: str) -> str:
        names = _names(columns)
        return (
            f'INSERT INTO "{schema}"."{self.name}" AS t ({names}) SELECT {names} FROM {self._given(schema)}'  # noqa: S608
            f" ON CONFLICT ({_names(self.key)}) DO {action}"
        )

    def _given(self, schema: str) -> str:
        return f'jsonb_populate_recordset(NULL::"{schema}"."{self.name}", $1::text::jsonb)'


def _names(columns: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
