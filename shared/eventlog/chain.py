"""The hash chain of a partition: every event's hash covers all of its columns and the hash before it.

``hash = sha256(previous hash || canonical form)``, 32 raw bytes before it; the first event follows `GENESIS`. The
canonical form is UTF-8 text: five decimal numbers, each ended by one space, then four texts, each preceded by its
length in octets and a colon, nothing between them::

    <partition> <position> <version> <schema> <recorded_at> <n>:<stream><n>:<type><n>:<metadata><n>:<data>

``recorded_at`` is in whole microseconds since 1970-01-01T00:00:00Z. No two different events have the same form.
The append function in ``schema.sql`` computes the same in the database.

The canonical form is also the event's entry in its partition's Merkle tree (`shared.transparency.tree`): whoever has an
event's octets and a signed root needs neither the chain nor any other event.
"""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from shared.eventlog.model import Stored

GENESIS = bytes(32)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NUMBERS = re.compile(rb"(0|[1-9]\d*) ([1-9]\d*) ([1-9]\d*) ([1-9]\d*) (-?\d+) ")


def canonical(event: Stored) -> bytes:
    """The bytes that stand for one event in the chain."""
    since = event.recorded_at - _EPOCH
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    stream, kind = event.stream.encode(), event.type.encode()
    return b"%d %d %d %d %d %d:%b%d:%b%d:%b%d:%b" % (
        *(event.partition, event.position, event.version, event.schema, micros),
        *(len(stream), stream, len(kind), kind),
        *(len(event.metadata), event.metadata, len(event.data), event.data),
    )


def from_canonical(service: str, form: bytes) -> Stored:
    """The event that ``form`` stands for; its hash, which is no part of it, is left empty. Raises ValueError."""
    if (numbers := _NUMBERS.match(form)) is None:
        raise ValueError("an event begins with five numbers")
    partition, position, version, schema, micros = map(int, numbers.groups())
    texts, at = [], numbers.end()
    for _ in range(4):
        colon = form.index(b":", at)
        at = colon + 1 + int(form[at:colon])
        texts.append(form[colon + 1 : at])
    stream, kind, metadata, data = texts
    try:
        instant = _EPOCH + micros * _MICROSECOND
    except OverflowError:
        raise ValueError("no instant is that far away") from None
    event = Stored(
        service, partition, position, stream.decode(), version, kind.decode(), schema, data, metadata, instant, b""
    )
    if canonical(event) != form:
        raise ValueError("an event has one form only")
    return event


def next_hash(previous: bytes, event: Stored) -> bytes:
    """The hash ``event`` must carry if it follows the one whose hash is ``previous``."""
    return sha256(previous + canonical(event)).digest()


def digest(event: Stored) -> bytes:
    """What travels beside an event, so that whoever receives it can tell that nothing of it changed on the way."""
    return next_hash(event.hash, event)
