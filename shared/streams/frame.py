"""An event as an entry of a Redis stream: id = position, body = the event's data, the rest in FastStream's headers.

FastStream 0.7.8 counts a header's characters but writes its bytes, so a value that is not ASCII would corrupt the
frame: every value is percent-encoded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote

from faststream.redis.parser import BinaryMessageFormatV1

from shared.eventlog import Stored
from shared.eventlog.chain import digest

FIELD = b"__data__"  # where FastStream keeps a message in a stream entry
_READABLE = " !\"#$&'()*+,/:;<=>?@[]^`{|}~"


class NotOurs(ValueError):
    """An entry that the relay has not written."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What one read of a stream gave: the events in it, and the ids of entries that are not the relay's."""

    events: list[Stored]
    strays: list[str]
    last_id: str


def stream_key(service: str, partition: int) -> str:
    """The stream of a partition; the braces let a Redis Cluster place all services' streams by partition."""
    return f"{service}.events.{{{partition:02d}}}"


def entry_id(position: int) -> str:
    return f"{position}-0"


async def frame(event: Stored) -> bytes:
    """The event in FastStream's binary format."""
    headers = {
        "content-type": "application/json",
        "stream": event.stream,
        "version": str(event.version),
        "type": event.type,
        "schema": str(event.schema),
        "metadata": event.metadata.decode(),
        "recorded-at": event.recorded_at.isoformat(),
        "hash": event.hash.hex(),
        "digest": digest(event).hex(),
    }
    return await BinaryMessageFormatV1.encode(
        message=event.data,
        reply_to=None,
        headers={name: quote(value, safe=_READABLE) for name, value in headers.items()},
        correlation_id=f"{event.service}.{event.partition}.{event.position}",
    )


def unframe(service: str, partition: int, identity: str, fields: Mapping[bytes, bytes]) -> Stored:
    """The event of an entry, byte for byte as stored. Raises `NotOurs`, also for one that changed on the way."""
    milliseconds, _, sequence = identity.partition("-")
    try:
        data, headers = BinaryMessageFormatV1.parse(fields.get(FIELD, b""))
        told = {name: unquote(value) for name, value in headers.items()}
        if sequence != "0" or told["correlation_id"] != f"{service}.{partition}.{milliseconds}":
            raise NotOurs(identity)
        event = Stored(
            service=service,
            partition=partition,
            position=int(milliseconds),
            stream=told["stream"],
            version=int(told["version"]),
            type=told["type"],
            schema=int(told["schema"]),
            data=data,
            metadata=told["metadata"].encode(),
            recorded_at=datetime.fromisoformat(told["recorded-at"]),
            hash=bytes.fromhex(told["hash"]),
        )
        if bytes.fromhex(told["digest"]) != digest(event):
            raise NotOurs(identity)
    except NotOurs:
        raise
    except Exception as error:  # whatever a parser stumbles over in what anybody may have written
        raise NotOurs(identity) from error
    return event


def unframe_all(
    service: str, partition: int, identities: Sequence[bytes], entries: Sequence[Mapping[bytes, bytes]]
) -> Entries:
    """Sort the entries of one read into events and strays."""
    events: list[Stored] = []
    strays: list[str] = []
    for identity, fields in zip(identities, entries, strict=True):
        try:
            events.append(unframe(service, partition, identity.decode(), fields))
        except NotOurs:
            strays.append(identity.decode())
    return Entries(events, strays, identities[-1].decode())
