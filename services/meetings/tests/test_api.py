"""A meeting from plan to minutes sent up, over HTTP, on the real database and streams."""

import json
from datetime import timedelta
from typing import Any

import pytest

from services.meetings.domain.meeting.agenda import CONCLUSION, DISCUSSION, item_id
from services.meetings.tests.cell import AFTERNOON, CELL, INSPECTOR, MINUTE_TAKER, STRANGER, Cell, afternoon, period
from shared.http.answers import POSITION_HEADER


async def read(cell: Cell, meeting: str) -> dict[str, Any]:
    answer = await cell.browser().get(f"/meetings/api/v1/meetings/{meeting}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_meeting_goes_from_plan_to_minutes_sent_up(cell: Cell) -> None:
    meeting = await cell.closed()
    await cell.done(f"/meetings/{meeting}/confirmation")
    cell.clock.on(days=1)
    await cell.done(f"/meetings/{meeting}/sending-up")
    found = await read(cell, meeting)
    assert (found["phase"], found["late"], found["sent_on_time"], found["minutes"]) == ("sent_up", False, True, 95)
    tally = found["tally"]
    assert (tally["due"], tally["present"], tally["excused"], tally["exempt"], tally["spoke"]) == (4, 3, 1, 1, 1)


@pytest.mark.practice(55)
async def test_the_list_says_who_came_of_who_was_due(cell: Cell) -> None:
    meeting = await cell.gathered()
    concluded = {"item": item_id(meeting, CONCLUSION), "text": "Nhất trí."}
    await cell.done(f"/meetings/{meeting}/conclusions", concluded)
    done = await cell.done(f"/meetings/{meeting}/closing")
    listed = await cell.browser(INSPECTOR).get(
        f"/meetings/api/v1/cells/{CELL}/meetings", params={"at": done["position"]}
    )
    (entry,) = listed.json()["items"]
    assert (entry["present"], entry["due"], entry["phase"]) == (3, 4, "closed")


@pytest.mark.practice(13)
async def test_a_task_without_deadline_is_refused_in_the_readers_words(cell: Cell) -> None:
    meeting = await cell.gathered()
    answer = await cell.ask(f"/meetings/{meeting}/tasks", {"owner": "minh", "description": "Vận động", "unit": "hộ"})
    problem = answer.json()
    assert (answer.status_code, problem["rule"]) == (422, "task.complete")
    assert problem["detail"] == "Phân công còn thiếu: số lượng, thời hạn."
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.practice(13)
async def test_tasks_are_found_by_cell_and_by_owner(cell: Cell) -> None:
    meeting = await cell.gathered()
    body = {
        "owner": "mai",
        "description": "Vận động làm đường",
        "quantity": "12",
        "unit": "hộ",
        "deadline": "2026-12-31",
    }
    done = await cell.done(f"/meetings/{meeting}/tasks", body)
    at = {"at": done["position"]}
    of_cell = await cell.browser().get(f"/meetings/api/v1/cells/{CELL}/tasks", params=at)
    mine = await cell.browser(MINUTE_TAKER).get("/meetings/api/v1/tasks/mine", params=at)
    assert [task["task"] for task in of_cell.json()["items"]] == [task["task"] for task in mine.json()["items"]]
    assert mine.json()["items"][0]["quantity"] == "12"


@pytest.mark.parametrize("text", ["Đề nghị\0", "Đề nghị\ud800", "\u202eĐề nghị"])
async def test_a_text_with_a_character_nobody_sees_is_refused_by_name(cell: Cell, text: str) -> None:
    meeting = await cell.gathered()
    said = {"item": item_id(meeting, DISCUSSION), "speaker": "hoa", "text": text}
    answer = await cell.browser().post(
        f"/meetings/api/v1/meetings/{meeting}/statements",
        content=json.dumps(said),
        headers={"content-type": "application/json"},
    )
    assert (answer.status_code, answer.json()["rule"]) == (422, "text.readable")
    assert (await read(cell, meeting))["statements"] == []


async def test_repeating_a_statement_with_the_same_key_records_it_once(cell: Cell) -> None:
    meeting = await cell.gathered()
    said = {"item": item_id(meeting, DISCUSSION), "speaker": "hoa", "text": "Đề nghị làm lại đường."}
    first = await cell.done(f"/meetings/{meeting}/statements", said, **{"Idempotency-Key": "k1"})
    again = await cell.done(f"/meetings/{meeting}/statements", said, **{"Idempotency-Key": "k1"})
    assert (again["position"], again["repeated"]) == (first["position"], True)
    assert len((await read(cell, meeting))["statements"]) == 1
    other = await cell.ask(f"/meetings/{meeting}/statements", said | {"text": "Khác"}, **{"Idempotency-Key": "k1"})
    assert other.json()["rule"] == "request.key_reused"


async def test_whoever_saw_an_older_version_changes_nothing(cell: Cell) -> None:
    meeting = await cell.opened()
    etag = (await cell.browser().get(f"/meetings/api/v1/meetings/{meeting}")).headers["etag"]
    await cell.done(f"/meetings/{meeting}/guests", {"capacity": "Công an viên bản"})
    stale = await cell.ask(f"/meetings/{meeting}/guests", {"capacity": "Thôn đội trưởng"}, **{"If-Match": etag})
    assert stale.status_code == 412
    assert len((await read(cell, meeting))["guests"]) == 1


async def test_a_month_has_one_regular_meeting(cell: Cell) -> None:
    await cell.planned()
    body = {"cell": CELL, "planned_at": AFTERNOON.isoformat(), "place": "UBND xã"}
    answer = await cell.ask("/meetings", body)
    assert (answer.status_code, answer.json()["rule"]) == (409, "meeting.planned_once")


async def test_only_the_cells_own_officers_record_and_inspectors_read(cell: Cell) -> None:
    meeting = await cell.gathered()
    guest = {"capacity": "Khách"}
    for outsider in (STRANGER, INSPECTOR):
        assert (await cell.ask(f"/meetings/{meeting}/guests", guest, outsider)).status_code == 403
    conclusion = {"item": item_id(meeting, CONCLUSION), "text": "…"}
    assert (await cell.ask(f"/meetings/{meeting}/conclusions", conclusion, MINUTE_TAKER)).status_code == 403
    assert (await cell.browser(INSPECTOR).get(f"/meetings/api/v1/meetings/{meeting}")).status_code == 200
    assert (await cell.browser(STRANGER).get(f"/meetings/api/v1/meetings/{meeting}")).status_code == 403
    assert (await cell.browser().get("/meetings/api/v1/meetings/unknown")).status_code == 404


async def test_a_closed_meeting_changes_only_by_a_correction_that_stays_visible(cell: Cell) -> None:
    meeting = await cell.closed()
    late = {"records": [{"member": "minh", "status": "present"}]}
    assert (await cell.ask(f"/meetings/{meeting}/attendance", late)).json()["rule"] == "meeting.open_to_record"
    correction = {
        "subject": "attendance",
        "target": "minh",
        "attendance": {"member": "minh", "status": "present"},
        "reason": "Thư ký ghi nhầm",
    }
    done = await cell.done(f"/meetings/{meeting}/corrections", correction)
    found = await read(cell, meeting)
    (kept,) = found["corrections"]
    assert (kept["before"], kept["after"], found["tally"]["present"]) == ("excused", "present", 4)
    listed = await cell.browser().get(f"/meetings/api/v1/cells/{CELL}/meetings", params={"at": done["position"]})
    assert listed.json()["items"][0]["present"] == 4


async def test_a_page_of_the_paper_book_is_taken_whole_or_not_at_all(cell: Cell) -> None:
    last_month = afternoon(-1)
    page = {
        "cell": CELL,
        "planned_at": last_month.isoformat(),
        "place": "Nhà văn hóa bản",
        "opened_at": last_month.isoformat(),
        "closed_at": (last_month + timedelta(minutes=100)).isoformat(),
        "chair": "thanh",
        "minute_taker": "mai",
        "absent": [{"member": "minh", "status": "excused", "reason": "ốm"}],
        "guests": [{"capacity": "Trưởng ban công tác mặt trận bản"}],
        "statements": [{"speaker": "hoa", "text": "Nhất trí."}],
        "conclusion": "Thống nhất các nhiệm vụ tháng sau.",
        "tasks": [
            {
                "owner": "minh",
                "description": "Làm đường",
                "quantity": 12,
                "unit": "hộ",
                "deadline": AFTERNOON.date().isoformat(),
            }
        ],
        "confirmed_at": (last_month + timedelta(minutes=105)).isoformat(),
        "sent_at": (last_month + timedelta(days=5)).isoformat(),
    }
    wrong = await cell.ask("/paper-meetings", page | {"statements": [{"speaker": "minh", "text": "…"}]})
    assert wrong.json()["rule"] == "statement.speaker_present"
    done = await cell.done("/paper-meetings", page)
    found = await read(cell, done["answer"]["meeting"])
    assert (found["phase"], found["period"], found["sent_on_time"]) == ("sent_up", period(-1), False)
    assert (found["tally"]["present"], found["tally"]["guests"], found["tally"]["tasks"]) == (3, 1, 1)
    future = page | {"period": period(1), "sent_at": (AFTERNOON + timedelta(days=1)).isoformat()}
    assert (await cell.ask("/paper-meetings", future)).json()["rule"] == "meeting.not_in_future"


async def test_a_list_is_read_page_by_page_and_rows_that_arrive_shift_nothing(cell: Cell) -> None:
    for days in range(4):
        moment = (AFTERNOON + timedelta(days=days)).isoformat()
        body = {
            "cell": CELL,
            "kind": "thematic",
            "theme": f"Chuyên đề {days}",
            "planned_at": moment,
            "place": "Hội trường",
        }
        done = await cell.done("/meetings", body)
    browser, path = cell.browser(), f"/meetings/api/v1/cells/{CELL}/meetings"
    first = (await browser.get(path, params={"limit": 2, "at": done["position"]})).json()
    late = {"cell": CELL, "planned_at": (AFTERNOON + timedelta(days=9)).isoformat(), "place": "Hội trường"}
    added = await cell.done("/meetings", late)
    second = (await browser.get(path, params={"limit": 2, "cursor": first["next"], "at": added["position"]})).json()
    assert [one["theme"] for one in first["items"] + second["items"]] == [f"Chuyên đề {n}" for n in (3, 2, 1, 0)]
    assert second["next"] is None
    assert (await browser.get(path, params={"cursor": "abc"})).json()["rule"] == "request.invalid"


async def test_every_answer_names_a_position_to_read_from(cell: Cell) -> None:
    answer = await cell.ask("/meetings", {"cell": CELL, "planned_at": AFTERNOON.isoformat(), "place": "Hội trường"})
    assert answer.headers[POSITION_HEADER] == answer.json()["position"]
    assert answer.headers["location"].endswith(answer.json()["answer"]["meeting"])
    assert answer.headers["etag"] == '"1"'
