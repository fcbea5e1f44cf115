"""Events to and from the text that is stored and hashed.

``data`` is what Pydantic's ``model_dump_json`` gives: fields in the order they are declared, no spaces, UTF-8 without
escapes, decimals as strings, instants and dates in ISO 8601. ``metadata`` is a JSON object of the fields of `Metadata`
that are set, in that order. Neither is ever serialised again: stored text is passed on as it is.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson

from shared.eventlog.model import Command, Metadata, Position, Recorded, Stored
from shared.events import load

COLUMNS = "partition, position, stream, version, type, schema, data, metadata, recorded_at, hash"
"""Of table ``event``, in the order `to_stored` takes them."""


def metadata_text(command: Command, key: str) -> str:
    """The metadata of every event of ``command``, with partition key ``key``."""
    known: dict[str, str] = {"actor": command.actor, "correlation": command.correlation, "key": key}
    if command.causation is not None:
        known["causation"] = command.causation
    known["entry"] = command.entry
    if command.on_behalf_of is not None:
        known["on_behalf_of"] = command.on_behalf_of
    return orjson.dumps(known).decode()


def to_stored(service: str, row: Sequence[Any]) -> Stored:
    """A row of `COLUMNS`."""
    partition, position, stream, version, kind, schema, data, metadata, recorded_at, digest = row
    return Stored(
        service,
        partition,
        position,
        stream,
        version,
        kind,
        schema,
        data.encode(),
        metadata.encode(),
        recorded_at,
        digest,
    )


def to_recorded(stored: Stored) -> Recorded[Any]:
    """The event typed and upcast to its present schema.

    Raises `shared.events.UnknownEventType` for an event newer than this code, `pydantic.ValidationError` for data
    that is not what its type says.
    """
    return Recorded(
        Position(stored.service, stored.partition, stored.position),
        stored.stream,
        stored.version,
        stored.type,
        load(stored.type, stored.schema, stored.data),
        _metadata(stored.metadata),
        stored.recorded_at,
    )


@lru_cache(maxsize=256)  # the events of one command have the same
def _metadata(text: bytes) -> Metadata:
    """Field by field: one that a newer version adds must not stop this one."""
    known = orjson.loads(text)
    return Metadata(
        known["actor"],
        known["correlation"],
        known["key"],
        known.get("causation"),
        known["entry"],
        known.get("on_behalf_of"),
    )
