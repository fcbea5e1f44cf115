"""Events that a subscription cannot take: they wait for an operator, in the open, and hold up only their own stream."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from services.inspection.views.wall import WALL
from services.meetings.views.calendar import CALENDAR
from shared.eventlog import Appended, Command, EventLog, Position, Write
from shared.eventlog.append import Request, call
from shared.events.meetings import MeetingForm, MeetingKind, MeetingPlanned, StatementRecorded
from shared.ids import new_id
from shared.streams.checkpoint import Place
from shared.streams.parking import parked, skip
from tests.e2e.cell import MEETINGS, PERIOD
from tests.faults.fleet import Fleet, until
from tests.faults.load import Acknowledged, Bloc, Book, under_load
from tests.faults.proof import prove

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("fleet")]

PARKED = "chibo_parked_events"
FOLLOWERS = {"calendar", "tasks", "participation", "wall", "tell"}  # of the meetings service's events


async def append(fleet: Fleet, cell: str, *writes: Write, **command: Any) -> Appended:
    """Past every rule of the meetings service, straight into its log."""
    async with asyncpg.create_pool(fleet.postgres.url("meetings"), min_size=1) as pool:
        log = await EventLog.open(pool, "meetings")
        return await log.append(
            writes, key=cell, command=Command(**{"actor": "test", "correlation": "test", **command})
        )


def planned(meeting: str, cell: str) -> MeetingPlanned:
    return MeetingPlanned(
        meeting=meeting,
        cell=cell,
        kind=MeetingKind.EXTRAORDINARY,
        form=MeetingForm.IN_PERSON,
        period=PERIOD,
        planned_at=datetime.now(UTC),
        place="Nhà văn hóa bản",
        agenda=(),
    )


async def test_an_event_that_a_view_refuses_is_parked_until_an_operator_decides(
    fleet: Fleet, bloc: Bloc, book: Book
) -> None:
    meeting, cell = new_id(), bloc.cells[0].id
    stream = f"meeting:{meeting}"
    said = StatementRecorded(
        meeting=meeting, cell=cell, statement=new_id(), item="x", speaker="x", text="Không ai họp."
    )
    with under_load(bloc, book) as load:
        poison = (await append(fleet, cell, Write(stream, 0, [said]))).at
        behind = (await append(fleet, cell, Write(stream, 1, [planned(meeting, cell)]))).at
        until(lambda: fleet.metric(PARKED, subscription="wall") == 2, "both events are parked")
        load.goes_on()
    await prove(fleet, book, parked=2)  # all others went on, and the view is what the log says but for the two
    fleet.chibo("parked", "skip", f"wall/{poison}", "--reason", "Ghi nhầm: không có cuộc họp này")
    fleet.chibo("parked", "retry", f"wall/{behind}")
    until(lambda: fleet.metric(PARKED) == 0, "nothing is parked any more")
    await prove(fleet, book)


async def test_an_event_type_of_a_newer_version_is_parked_by_everybody_who_follows(
    fleet: Fleet, bloc: Bloc, book: Book
) -> None:
    meeting, cell = new_id(), bloc.cells[1].id
    write = Write(f"meeting:{meeting}", 0, [planned(meeting, cell)])  # only their number counts
    metadata = f'{{"actor":"test","correlation":"test","key":"{cell}","entry":"live"}}'
    events = [("meetings.BookBound", 1, '{"tập":"năm 2030"}')]
    with under_load(bloc, book):
        async with asyncpg.create_pool(fleet.postgres.url("meetings"), min_size=1) as pool:
            partition = (await EventLog.open(pool, "meetings")).partition_of(cell)
            request = Request(partition, None, None, {}, None, metadata, [write], events)
            async with pool.acquire() as connection:
                (appended,) = await call(connection, "meetings", [request], channel="chibo_meetings_events")
        assert isinstance(appended, Appended)
        until(lambda: fleet.metric(PARKED) == len(FOLLOWERS), "everybody has parked it")
    await prove(fleet, book, parked=len(FOLLOWERS))
    left_to = set()
    for service in ("meetings", "inspection", "notifications"):
        async with asyncpg.create_pool(fleet.postgres.url(service), min_size=1) as pool:
            for one in await parked(pool):
                assert Position(one.source, one.partition, one.position) == appended.at
                assert "meetings.BookBound" in one.error
                place = Place(one.subscription, one.source, one.partition)
                await skip(pool, place, one.position, by="operator:test", reason="Chưa cần đến")
                left_to.add(one.subscription)
    assert left_to == FOLLOWERS
    until(lambda: fleet.metric(PARKED) == 0, "nothing is parked any more")
    await prove(fleet, book)


async def test_header_values_in_vietnamese_do_no_harm(fleet: Fleet, bloc: Bloc, book: Book) -> None:
    """A frame of FastStream breaks on a header that is not ASCII; nothing of the kind reaches one unencoded."""
    strays, fetched = fleet.metric("chibo_stray_entries_total"), fleet.metric("chibo_events_from_feed_total")
    cell = bloc.cells[2]
    body = {
        "cell": cell.id,
        "kind": "extraordinary",
        "place": "Nhà văn hóa",
        "planned_at": datetime.now(UTC).isoformat(),
    }
    headers = {"Idempotency-Key": "khóa của chi bộ".encode(), "X-Correlation-Id": "Đảng ủy xã Thanh Minh".encode()}
    first, again = (cell.secretary.http.post(MEETINGS, json=body, headers=headers) for _ in range(2))
    told, correlation = first.json(), first.headers["X-Correlation-Id"]
    assert (first.status_code, again.json()) == (201, told | {"repeated": True}), first.text
    assert correlation.isascii()
    book.acknowledged.append(Acknowledged("meetings", "khóa của chi bộ", correlation, told["position"], False))
    meeting = new_id()
    appended = await append(
        fleet,
        cell.id,
        Write(f"meeting:chi-bộ-bản-Phiêng-Lơi:{meeting}", 0, [planned(meeting, cell.id)]),
        actor="operator:thư-ký",
        correlation="công-văn-số-12",
        on_behalf_of="đồng chí bí thư",
    )
    await prove(fleet, book)
    for service, view in (("meetings", CALENDAR), ("inspection", WALL)):
        connection = await fleet.connect(service)
        seen = await connection.fetchval(f"SELECT cell FROM {view.schema}.meeting WHERE meeting = $1", meeting)
        await connection.close()
        assert seen == cell.id, f"{service} does not show {appended.at}"
    assert fleet.metric("chibo_stray_entries_total") == strays
    assert fleet.metric("chibo_events_from_feed_total") == fetched
