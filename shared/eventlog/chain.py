"""The hash chain of a partition: every event's hash covers all of its columns and the hash before it.

``hash = sha256(previous hash || canonical form)``, 32 raw bytes before it; the first event follows `GENESIS`. The
canonical form is UTF-8 text: five decimal numbers, each ended by one space, then four texts, each preceded by its
length in octets and a colon, nothing between them::

    <partition> <position> <version> <schema> <recorded_at> <n>:<stream><n>:<type><n>:<metadata><n>:<data>

``recorded_at`` is in whole microseconds since 1970-01-01T00:00:00Z. No two different events have the same form.
The append function in ``schema.sql`` computes the same in the database.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from shared.eventlog.model import Stored

GENESIS = bytes(32)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def canonical(event: Stored) -> bytes:
    """The bytes that stand for one event in the chain."""
    micros = (event.recorded_at - _EPOCH) // _MICROSECOND
    stream, kind = event.stream.encode(), event.type.encode()
    numbers = f"{event.partition} {event.position} {event.version} {event.schema} {micros} "
    texts = (stream, kind, event.metadata, event.data)
    return numbers.encode() + b"".join(b"%d:%b" % (len(text), text) for text in texts)


def next_hash(previous: bytes, event: Stored) -> bytes:
    """The hash ``event`` must carry if it follows the one whose hash is ``previous``."""
    return sha256(previous + canonical(event)).digest()
