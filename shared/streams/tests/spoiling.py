"""Events, frames and feed answers as they never should be: what may go wrong on the way, and at whoever wrote them."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import orjson
from faststream.redis.parser import BinaryMessageFormatV1

from shared.eventlog import Stored
from shared.eventlog.cloudevents import to_batch
from shared.events.inspection import RemarkRecorded
from shared.streams.frame import frame

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
GIANT = "rất dài " * 50_000


def event_at(service: str, partition: int, position: int, dice: Random, cell: str = "alpha") -> Stored:
    """A remark as the log keeps it."""
    at = BEGIN + timedelta(seconds=position, microseconds=dice.randrange(1_000_000))
    remark = RemarkRecorded(
        remark=f"r-{partition}-{position}", cell=cell, period="2026-11", text=f"Đề nghị {position}", remarked_at=at
    )
    return Stored(
        service=service,
        partition=partition,
        position=position,
        stream=f"cell-remarks:{cell}",
        version=position,
        type=remark.TYPE,
        schema=remark.SCHEMA,
        data=remark.model_dump_json().encode(),
        metadata=b'{"actor":"somebody","correlation":"c","key":"alpha","entry":"live"}',
        recorded_at=at,
        hash=dice.randbytes(32),
    )


def _data(**changes: object) -> Callable[[Stored], Stored]:
    def change(event: Stored) -> Stored:
        data = {**json.loads(event.data), **changes}
        return replace(event, data=json.dumps({k: v for k, v in data.items() if v != "absent"}).encode())

    return change


# wrong already where they were written: nothing on the way can help, an operator must see them
WRONG_EVENTS: dict[str, Callable[[Stored], Stored]] = {
    "a type nobody knows": lambda event: replace(event, type="inspection.Overheard"),
    "a schema of tomorrow": lambda event: replace(event, schema=99),
    "no JSON": lambda event: replace(event, data=b'{"remark": '),
    "another kind of JSON": lambda event: replace(event, data=b"[1, 2]"),
    "a field missing": _data(cell="absent"),
    "a number for a text": _data(text=4711),
    "no such month": _data(period="2026-13"),
    "no instant": _data(remarked_at="soon"),
    "a character no database keeps": _data(text="a\0b"),
    "half a character": _data(text="\ud800"),
    "metadata that is none": lambda event: replace(event, metadata=b"nobody"),
    "metadata without an actor": lambda event: replace(event, metadata=b'{"correlation":"c","key":"k","entry":"live"}'),
}


async def spoiled_frame(event: Stored, dice: Random) -> dict[bytes, bytes]:
    """The fields of a stream entry that once held ``event``."""
    content = bytearray(await frame(event))
    at = dice.randrange(len(content))
    body, headers = BinaryMessageFormatV1.parse(bytes(content))
    name = dice.choice(list(headers))
    match dice.randrange(12):
        case 0:
            return {b"__data__": bytes(content[:at])}
        case 1 | 2 | 3:
            content[at] ^= 1 << dice.randrange(8)
        case 4:
            content[at:at] = dice.randbytes(dice.randrange(1, 40))
        case 5:
            del content[at : at + dice.randrange(1, 40)]
        case 6:
            content = bytearray(dice.randbytes(dice.randrange(200)))
        case 7:
            wrong = dice.choice([b"", b"null", b"[]", b'"x"', b'{"data":1}', b'{"data":"x","headers":[1]}', b"<html>"])
            content = bytearray(wrong)
        case 8:
            return {dice.choice([b"data", b"__data", b""]): bytes(content)}
        case 9:
            del headers[name]
            content = bytearray(await _framed(body, headers))
        case 10:
            value = dice.choice(
                ["", "-1", "99", "không ASCII", "%ff", "null", "x" * 60_000, "0", "2026-11-22T00:00:00"]
            )
            content = bytearray(await _framed(body, {**headers, name: value}))
        case _:
            wrong_types = dice.choice([None, 7, ["x"], {"a": 1}])
            content = bytearray(orjson.dumps({"data": body.decode(), "headers": {**headers, name: wrong_types}}))
    return {b"__data__": bytes(content)}


async def _framed(body: bytes, headers: dict[str, str]) -> bytes:
    told = {name: value for name, value in headers.items() if name != "correlation_id"}
    correlation = headers.get("correlation_id", "inspection.0.0")
    return await BinaryMessageFormatV1.encode(message=body, reply_to=None, headers=told, correlation_id=correlation)


def spoiled_answer(events: list[Stored], dice: Random) -> bytes:
    """What a feed should never answer when it was asked for ``events`` (at least two)."""
    batch = orjson.loads(to_batch(events))
    at = dice.randrange(len(batch))
    field = dice.choice(list(batch[at]))
    match dice.randrange(11):
        case 0:
            del batch[dice.randrange(len(batch) - 1)]  # a gap; a shorter answer would be a right one
        case 1:
            batch.insert(at, batch[at])
        case 2:
            batch[at], batch[at - 1] = batch[at - 1], batch[at]
        case 3:
            batch = orjson.loads(to_batch([replace(event, partition=event.partition + 1) for event in events]))
        case 4:
            batch = orjson.loads(to_batch([replace(event, service="members") for event in events]))
        case 5:
            del batch[at][field]
        case 6:
            batch[at][field] = dice.choice([None, True, -1, 2**63, "", "x", [], {}, "Đ", GIANT])
        case 7:
            return dice.choice(
                [b"", b"<html><body>Bad gateway</body></html>", b"null", b"{}", b"[null]", b'"["', b"\xff"]
            )
        case 8:
            answer = orjson.dumps(batch)
            return answer[: dice.randrange(len(answer))]
        case 9:
            changed = bytearray(orjson.dumps(batch))
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
            return bytes(changed)
        case _:
            batch[at] = dice.choice([None, 1, "x", [], {}])
    return orjson.dumps(batch)
