"""A stored event as a CloudEvent 1.0 (JSON format) and back, to the octet.

``data_base64`` holds the stored text of the data, and the extension ``metadata`` that of the metadata: JSON that was
parsed and written again could differ from what was hashed. Further extensions: ``partition``, ``position``, ``version``
(in the stream, which is the ``subject``), ``schemanumber`` (of the type), ``hash``, and ``digest``, which shows that
nothing changed on the way (`shared.eventlog.chain.digest`); both in base64.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from shared.eventlog.chain import digest
from shared.eventlog.model import Position, Stored

MEDIA_TYPE = "application/cloudevents-batch+json"
SOURCE = "urn:chibo:"


class Malformed(ValueError):
    """What a feed answered is not what a feed answers."""


def to_batch(events: Sequence[Stored]) -> bytes:
    """The events as a JSON batch."""
    return orjson.dumps([_to_cloud(event) for event in events])


def from_batch(body: bytes) -> list[Stored]:
    """The inverse of `to_batch`. Raises `Malformed`."""
    try:
        batch = orjson.loads(body)
        if not isinstance(batch, list):
            raise ValueError("a batch is a list")
        return [_from_cloud(item) for item in batch]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise Malformed(f"not a batch of events: {error!r}") from error


def _to_cloud(event: Stored) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(Position(event.service, event.partition, event.position)),
        "source": SOURCE + event.service,
        "type": event.type,
        "subject": event.stream,
        "time": event.recorded_at.isoformat(),
        "datacontenttype": "application/json",
        "data_base64": b64encode(event.data).decode(),
        "partition": event.partition,
        "position": event.position,
        "version": event.version,
        "schemanumber": event.schema,
        "metadata": event.metadata.decode(),
        "hash": b64encode(event.hash).decode(),
        "digest": b64encode(digest(event)).decode(),
    }


def _from_cloud(item: dict[str, Any]) -> Stored:
    if item["specversion"] != "1.0" or not item["source"].startswith(SOURCE):
        raise ValueError("not an event of chibo")
    numbers = [item[name] for name in ("partition", "position", "version", "schemanumber")]
    if any(type(number) is not int for number in numbers):
        raise ValueError("partition, position, version and schemanumber are whole numbers")
    if not isinstance(item["type"], str) or not isinstance(item["subject"], str):
        raise ValueError("type and subject are text")
    partition, position, version, schema = numbers
    event = Stored(
        service=item["source"].removeprefix(SOURCE),
        partition=partition,
        position=position,
        stream=item["subject"],
        version=version,
        type=item["type"],
        schema=schema,
        data=b64decode(item["data_base64"], validate=True),
        metadata=item["metadata"].encode(),
        recorded_at=datetime.fromisoformat(item["time"]),
        hash=b64decode(item["hash"], validate=True),
    )
    if event.recorded_at.tzinfo is None or item["id"] != str(Position(event.service, partition, position)):
        raise ValueError("time without an offset, or an id that is not the position")
    if b64decode(item["digest"], validate=True) != digest(event):
        raise ValueError("changed on the way")
    return event
