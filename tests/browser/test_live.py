"""Two people at two machines: a secretary holds a meeting on a phone, the inspection committee watches its wall."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from deploy.local.demo.story import COMMUNE
from tests.browser import meeting
from tests.browser.conftest import Open
from tests.browser.looking import DESK, PHONE
from tests.browser.pictures import keep
from tests.browser.places import CELL
from tests.e2e.cell import MEETINGS
from tests.support.people import Person

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def nothing_under_way(login: Callable[[str], Person]) -> Iterator[None]:
    """What a test leaves open in the room would stand on the wall of the next."""
    finish_all(login("bithu"))
    yield
    finish_all(login("bithu"))


def finish_all(secretary: Person) -> None:
    for found in secretary.read(f"/meetings/api/v1/cells/{CELL}/meetings")["items"]:
        if found["phase"] == "open":
            room = f"{MEETINGS}/{found['meeting']}"
            state = secretary.read(room)
            called = {record["member"] for record in state["attendance"]}
            due = [entry["member"] for entry in state["roster"] if not entry["exempt"]]
            if late := [{"member": member, "status": "present"} for member in due if member not in called]:
                secretary.do(f"{room}/attendance", {"records": late})
            conclusion = next(item["item"] for item in state["agenda"] if item["kind"] == "conclusion")
            secretary.do(f"{room}/conclusions", {"item": conclusion, "text": "Thống nhất."})
            secretary.do(f"{room}/closing")


SOON = 5.0  # seconds for a change to stand on another's screen, on a machine that does other things


def test_the_wall_changes_live_while_a_meeting_is_recorded(browse: Open) -> None:
    wall = browse("ubkt.xa", DESK).page
    wall.goto(f"/inspection/wall/{COMMUNE}")
    expect(wall.locator(".live")).to_have_attribute("data-state", "live")
    wall.evaluate("window.here = true")
    row = wall.locator(f"#c-{CELL}")
    square = row.locator(".sq").nth(meeting.NOW.month - 1)
    expect(square).not_to_have_class(re.compile(r"\bnow\b"))
    room = browse("bithu", PHONE).page
    path = meeting.plan(room)
    meeting.open_room(room)
    opened = time.monotonic()
    expect(square).to_have_class(re.compile(r"\bnow\b"))
    seen = time.monotonic() - opened
    assert seen < SOON
    print(f"\nthe wall showed the opening {seen:.2f} s after the room did")
    meeting.call_roll(room)
    room.evaluate("scrollTo(0, 0)")
    keep(room, "room-phone")
    for step, act in meeting.STEPS:
        room.goto(f"{path}?step={step}")
        act(room)
        if step == "talk":
            expect(room.locator("#said")).to_contain_text(meeting.STATEMENT)
            room.locator("#said li").first.scroll_into_view_if_needed()
            keep(room, "talk-phone")
            keep(wall, "wall-live")
    expect(square).not_to_have_class(re.compile(r"\bnow\b"))
    expect(square).to_have_class(re.compile(r"\bunsent\b"))
    room.goto(f"{path}/minutes")
    meeting.send_up(room)
    expect(wall.locator("#aside")).to_contain_text("gửi biên bản")
    meeting.correct(room)
    room.locator(".corrections").scroll_into_view_if_needed()
    keep(room, "correction-phone")
    assert wall.evaluate("window.here"), "the wall was loaded again"


def test_a_whole_meeting_is_held_without_script(browse: Open) -> None:
    room = browse("bithu", PHONE, java_script_enabled=False).page
    path = meeting.plan(room)
    meeting.open_room(room)
    meeting.call_roll(room, script=False)
    for step, act in meeting.STEPS:
        room.goto(f"{path}?step={step}")
        act(room)
    room.goto(f"{path}/minutes")
    meeting.send_up(room)
    meeting.correct(room)


def test_what_is_typed_while_the_server_cannot_be_reached_is_sent_when_it_can(browse: Open) -> None:
    looker = browse("bithu", PHONE)
    looker.expected = ("ERR_INTERNET_DISCONNECTED",)
    room = looker.page
    path = meeting.plan(room)
    meeting.open_room(room)
    meeting.call_roll(room)
    room.goto(f"{path}?step=talk")
    looker.context.set_offline(True)
    meeting.speak(room, "Ý ghi lúc mất mạng.")
    expect(room.locator("[data-pending] li")).to_have_text("Ý ghi lúc mất mạng.")
    expect(room.locator(".offline")).to_contain_text("Mất kết nối")
    looker.context.set_offline(False)
    expect(room.locator("#said")).to_contain_text("Ý ghi lúc mất mạng.")
    expect(room.locator(".offline")).to_be_hidden()
    room.reload()
    expect(room.locator("#said").get_by_text("Ý ghi lúc mất mạng.")).to_have_count(1)
