"""The main job, from the outside: what a cell records is seen by the inspection committee above it at once."""

from collections.abc import Callable
from datetime import timedelta
from statistics import median
from time import monotonic
from typing import Any

import pytest

from deploy.local.demo.story import BLOC
from shared.clock import system_clock
from tests.e2e.cell import MEETINGS, NAMES, NOW, PERIOD, YEAR, Cell
from tests.support.following import Follower, following
from tests.support.people import Person, Recorded

AT_ONCE = 1.0  # seconds from a command's answer, median of a meeting's steps
PATIENCE = 5.0  # seconds for the slowest of them, on a machine that does other things


class Inspector:
    """Watches one cell from the top of its bloc, and keeps how long each change took to arrive."""

    def __init__(self, person: Person, follower: Follower, cell: str) -> None:
        self.person, self.follower, self.cell = person, follower, cell
        self.heard: list[float] = []  # seconds from a command's answer to its telling
        self.shown: list[float] = []  # and to the figures that show it

    def month(self, at: str | None = None) -> dict[str, int]:
        """The counters of this month, as the wall has them now."""
        months = self.person.read(f"/inspection/api/v1/cells/{self.cell}/months", year=YEAR, at=at)
        counts: dict[str, int] = next((one["counts"] for one in months if one["period"] == PERIOD), {})
        return counts

    def sees(self, step: Callable[[], Recorded], **figures: int) -> Recorded:
        """Carry out a step; the inspector is told of it, and the wall then shows ``figures``."""
        since = len(self.follower.heard)
        done = step()
        month = self.month(done.position)
        self.shown.append(monotonic() - done.at)
        told = self.follower.wait(f"c-{self.cell}", since)
        self.heard.append(max(0.0, told.at - done.at))
        assert {name: month[name] for name in figures} == figures
        return done


@pytest.fixture
def secretary(cell: Cell) -> Person:
    return cell.secretary


@pytest.fixture
def members(cell: Cell) -> list[str]:
    """Ids in the order of `NAMES`."""
    by_name = {one["full_name"]: one["member"] for one in cell.roll()}
    return [by_name[name] for name in NAMES]


def plan(cell: Cell, **given: Any) -> Recorded:
    body = {
        "cell": cell.id,
        "kind": "regular",
        "form": "online",
        "planned_at": system_clock().isoformat(),
        "place": "Phòng họp trực tuyến",
    }
    return cell.secretary.do(MEETINGS, body | given)


def opened(cell: Cell, members: list[str], **given: Any) -> str:
    """A meeting that has just been opened, with nobody called yet."""
    meeting = str(plan(cell, **given).answer["meeting"])
    cell.secretary.do(f"{MEETINGS}/{meeting}/opening", {"chair": members[0], "minute_taker": members[1]})
    return meeting


def call(member: str, status: str = "present", **given: Any) -> dict[str, Any]:
    return {"member": member, "status": status, **given}


def closed(cell: Cell, members: list[str], **given: Any) -> str:
    """A short meeting at which everybody who has to be there was."""
    meeting = opened(cell, members, **given)
    room, secretary = f"{MEETINGS}/{meeting}", cell.secretary
    secretary.do(f"{room}/attendance", {"records": [call(member) for member in members[:4]]})
    item = items(secretary, meeting)
    secretary.do(f"{room}/statements", {"item": item["discussion"], "speaker": members[1], "text": "Nhất trí."})
    secretary.do(f"{room}/conclusions", {"item": item["conclusion"], "text": "Thống nhất như dự thảo."})
    secretary.do(f"{room}/closing")
    return meeting


def items(person: Person, meeting: str) -> dict[str, str]:
    """The agenda's items by kind."""
    return {item["kind"]: item["item"] for item in person.read(f"{MEETINGS}/{meeting}")["agenda"]}


@pytest.mark.practice(13)
@pytest.mark.practice(14)
@pytest.mark.practice(37)
@pytest.mark.practice(123)
def test_what_a_cell_records_is_seen_above_it_within_a_second(
    cell: Cell, members: list[str], login: Callable[[str], Person], record_property: Callable[[str, object], None]
) -> None:
    secretary, inspector = cell.secretary, login("ubkt.khoi")
    one, two, three, four, _old = members
    with following(inspector, f"/inspection/live?organisation={BLOC}") as follower:
        above = Inspector(inspector, follower, cell.id)
        meeting = str(above.sees(lambda: plan(cell)).answer["meeting"])
        room = f"{MEETINGS}/{meeting}"
        above.sees(lambda: secretary.do(f"{room}/notice"))
        above.sees(
            lambda: secretary.do(f"{room}/opening", {"chair": one, "minute_taker": two}), open=1, held=0, closed=0
        )
        item = items(secretary, meeting)
        roll = [call(one), call(two, online=True), call(three, "excused", reason="đi công tác"), call(four)]
        above.sees(lambda: secretary.do(f"{room}/attendance", {"records": roll}))
        secretary.do(f"{room}/guests", {"capacity": "Trưởng ban công tác mặt trận"})
        absent = {"item": item["discussion"], "speaker": three, "text": "Không có mặt mà vẫn nói."}
        assert secretary.refused(f"{room}/statements", absent)["rule"] == "statement.speaker_present"
        for speaker in (two, four):
            said = {"item": item["discussion"], "speaker": speaker, "text": "Đề nghị làm sớm."}
            above.sees(lambda said=said: secretary.do(f"{room}/statements", said))  # type: ignore[misc]
        assert secretary.refused(f"{room}/closing")["rule"] == "closing.conclusion_recorded"
        secretary.do(f"{room}/conclusions", {"item": item["conclusion"], "text": "Thống nhất hai việc."})
        secretary.do(f"{room}/tasks", task(four))
        above.sees(
            lambda: secretary.do(f"{room}/closing"),
            open=0, held=1, closed=1, unsent=1, due=4, present=3, excused=1, unexcused=0, exempt=1, spoke=2,
        )  # fmt: skip
        above.sees(lambda: secretary.do(f"{room}/confirmation"))
        above.sees(lambda: secretary.do(f"{room}/sending-up"), unsent=0, sent_on_time=1, sent_late=0)
        wrong = {"subject": "attendance", "target": three, "attendance": call(three, "unexcused")}
        above.sees(
            lambda: secretary.do(f"{room}/corrections", wrong | {"reason": "Thư ký ghi nhầm"}), excused=0, unexcused=1
        )
    kept = secretary.read(room)
    assert [(change["before"], change["after"]) for change in kept["corrections"]] == [("excused", "unexcused")]
    assert kept["tally"]["guests"] == 1
    assert kept["tally"]["online"] == 1
    timeline = inspector.read(f"/inspection/api/v1/cells/{cell.id}/timeline", year=YEAR)["items"]
    steps = {"planned", "notified", "opened", "closed", "confirmed", "sent", "corrected"}
    assert {happening["kind"] for happening in timeline} == steps
    figures = f"told {median(above.heard):.3f} s, shown {median(above.shown):.3f} s after a command's answer (medians"
    figures += f" of {len(above.heard)}; slowest {max(above.heard):.3f} and {max(above.shown):.3f})"
    record_property("freshness", figures)
    print(f"\nfreshness: {figures}")
    assert median(above.heard) < AT_ONCE
    assert median(above.shown) < AT_ONCE
    assert max(above.heard + above.shown) < PATIENCE


def task(owner: str) -> dict[str, Any]:
    return {
        "owner": owner,
        "description": "Vận động các hộ góp ngày công",
        "quantity": "12",
        "unit": "hộ",
        "deadline": (NOW + timedelta(days=30)).isoformat(),
    }


@pytest.mark.practice(13)
@pytest.mark.parametrize("missing", ["owner", "quantity", "unit", "deadline"])
def test_a_task_that_lacks_something_is_refused_and_says_what(cell: Cell, members: list[str], missing: str) -> None:
    meeting = opened(cell, members)
    problem = cell.secretary.refused(f"{MEETINGS}/{meeting}/tasks", task(members[3]) | {missing: None})
    assert (problem["status"], problem["rule"]) == (422, "task.complete")
    assert problem["params"] == {"missing": f"['{missing}']"}


def test_a_task_that_lacks_everything_is_told_all_of_it_at_once(cell: Cell, members: list[str]) -> None:
    meeting = opened(cell, members)
    problem = cell.secretary.refused(f"{MEETINGS}/{meeting}/tasks", {})
    assert all(name in problem["params"]["missing"] for name in ("owner", "quantity", "unit", "deadline"))
    assert problem["source"]


def test_an_exempt_member_who_comes_may_speak_and_is_counted(cell: Cell, members: list[str]) -> None:
    meeting = opened(cell, members)
    secretary, room = cell.secretary, f"{MEETINGS}/{meeting}"
    problem = secretary.refused(f"{room}/attendance", {"records": [call(members[4], "unexcused")]})
    assert problem["rule"] == "attendance.exempt_not_absent"
    secretary.do(f"{room}/attendance", {"records": [call(member) for member in members]})
    said = {"item": items(secretary, meeting)["discussion"], "speaker": members[4], "text": "Tôi ủng hộ."}
    assert not secretary.do(f"{room}/statements", said).repeated


def test_a_command_sent_twice_with_its_key_counts_once(cell: Cell, members: list[str]) -> None:
    room = f"{MEETINGS}/{opened(cell, members)}"
    guest = {"capacity": "Bí thư Đoàn"}
    first = cell.secretary.do(f"{room}/guests", guest, Idempotency_Key="khach-moi")
    again = cell.secretary.do(f"{room}/guests", guest, Idempotency_Key="khach-moi")
    assert (again.repeated, again.position) == (True, first.position)
    assert len(cell.secretary.read(room)["guests"]) == 1
    other = cell.secretary.refused(f"{room}/guests", {"capacity": "Trưởng bản"}, Idempotency_Key="khach-moi")
    assert (other["status"], other["rule"]) == (422, "request.key_reused")


def test_whoever_did_not_see_the_latest_is_told_so(cell: Cell, members: list[str]) -> None:
    room = f"{MEETINGS}/{opened(cell, members)}"
    tag = cell.secretary.http.get(room).headers["ETag"]
    cell.secretary.do(f"{room}/guests", {"capacity": "Bí thư Đoàn"}, If_Match=tag)
    stale = cell.secretary.refused(f"{room}/guests", {"capacity": "Trưởng bản"}, If_Match=tag)
    assert (stale["status"], stale["rule"]) == (412, "request.precondition_failed")
    assert len(cell.secretary.read(room)["guests"]) == 1


def test_one_sees_at_once_what_one_has_just_written(cell: Cell, members: list[str]) -> None:
    for number in range(5):
        planned = plan(cell, kind="extraordinary", place=f"Phòng {number}")
        path = f"/meetings/api/v1/cells/{cell.id}/meetings"
        newest = cell.secretary.read(path, at=planned.position)["items"]
        assert planned.answer["meeting"] in {one["meeting"] for one in newest}


def test_the_secretary_of_another_cell_may_neither_write_nor_read(
    cell: Cell, members: list[str], login: Callable[[str], Person]
) -> None:
    room = f"{MEETINGS}/{closed(cell, members)}"
    stranger = login("bithu")
    problem = stranger.refused(f"{room}/corrections", {"subject": "note", "after": "…", "reason": "…"})
    assert (problem["status"], problem["rule"]) == (403, "access.forbidden")
    assert stranger.http.get(room).status_code == 403
    assert stranger.http.get(f"/inspection/live?organisation={cell.id}").status_code == 403
    assert login("ubkt.khoi").http.get(room).status_code == 200


def test_a_closed_meeting_changes_only_by_a_correction(cell: Cell, members: list[str]) -> None:
    meeting = closed(cell, members, kind="thematic", theme="Học tập và làm theo Bác")
    room, secretary = f"{MEETINGS}/{meeting}", cell.secretary
    late = {"item": items(secretary, meeting)["discussion"], "speaker": members[1], "text": "Nói thêm."}
    assert secretary.refused(f"{room}/statements", late)["rule"] == "meeting.open_to_record"
    statement = secretary.read(room)["statements"][0]["statement"]
    change = {"subject": "statement", "target": statement, "after": "Nhất trí, đề nghị làm sớm."}
    secretary.do(f"{room}/corrections", change | {"reason": "Thư ký ghi thiếu"})
    (kept,) = secretary.read(room)["corrections"]
    assert (kept["before"], kept["after"], kept["reason"]) == (
        "Nhất trí.", "Nhất trí, đề nghị làm sớm.", "Thư ký ghi thiếu",
    )  # fmt: skip
