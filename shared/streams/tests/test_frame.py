from datetime import UTC, datetime

import pytest
from faststream.redis.parser import BinaryMessageFormatV1

from shared.eventlog import Stored
from shared.streams.frame import FIELD, NotOurs, frame, stream_key, unframe, unframe_all

EVENT = Stored(
    service="meetings",
    partition=3,
    position=4711,
    stream="meeting:chi-bộ-tổ-dân-phố-5",
    version=2,
    type="meetings.Nghị_quyết",
    schema=1,
    data='{"text":"Đồng chí Bí thư phát biểu"}'.encode(),
    metadata='{"actor":"thư ký 100% \\u0111"}'.encode(),
    recorded_at=datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC),
    hash=bytes(range(32)),
)


async def test_a_vietnamese_header_comes_back_as_it_was() -> None:
    entry = {FIELD: await frame(EVENT)}
    assert unframe("meetings", 3, "4711-0", entry) == EVENT


async def test_the_frame_is_faststreams_own_and_its_body_is_the_event() -> None:
    body, headers = BinaryMessageFormatV1.parse(await frame(EVENT))
    assert body == EVENT.data
    assert headers["content-type"] == "application/json"
    assert all(value.isascii() for value in headers.values())


@pytest.mark.parametrize("identity", ["4711-1", "4712-0", "1763800000000-0"])
async def test_an_entry_whose_id_is_not_its_position_is_not_ours(identity: str) -> None:
    entry = {FIELD: await frame(EVENT)}
    with pytest.raises(NotOurs):
        unframe("meetings", 3, identity, entry)


@pytest.mark.parametrize("content", [b"", b"anything", b"\x89BIN\x0d\x0a\x1a\x0a", b'{"data":"x","headers":{}}'])
def test_what_no_relay_wrote_is_a_stray(content: bytes) -> None:
    entries = unframe_all("meetings", 3, [b"5-0", b"6-0"], [{FIELD: content}, {b"other": content}])
    assert entries.events == []
    assert entries.strays == ["5-0", "6-0"]
    assert entries.last_id == "6-0"


def test_all_services_streams_of_a_partition_lie_in_one_slot_of_a_cluster() -> None:
    assert stream_key("members", 7) == "members.events.{07}"
