"""The style guide in a real browser: at a phone's and a laptop's width, with and without script, on and off line."""

import re
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect

from shared.web.tests.guide.app import guide
from tests.support.chromium import SMALL, STUMBLES

pytestmark = pytest.mark.browser

PHONE, LAPTOP = (360, 780), (1280, 800)
PAGES = ("/inspection/wall", "/meetings/room", "/login", "/notifications", "/parts")


@pytest.fixture
def address() -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(guide(), log_level="critical", lifespan="off", timeout_graceful_shutdown=0)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        listening.listen()
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=address, viewport={"width": PHONE[0], "height": PHONE[1]})
    yield context
    context.close()


@pytest.fixture
def room(phone: BrowserContext) -> Page:
    page = phone.new_page()
    page.goto("/meetings/room")
    return page


def say(page: Page, text: str) -> None:
    page.get_by_label("Nội dung phát biểu").fill(text)
    page.get_by_role("button", name="Ghi ý kiến phát biểu").click()


def said(page: Page) -> list[str]:
    return [text.removeprefix("Lò Thị Hoa ").strip() for text in page.locator("#statements .said").all_inner_texts()]


@pytest.mark.parametrize("size", [PHONE, LAPTOP, (1480, 900)], ids=["phone", "laptop", "desk"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_and_can_be_read_by_all(chromium: Browser, address: str, path: str, size: tuple[int, int]) -> None:
    context = chromium.new_context(base_url=address, viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    faults: list[str] = []
    weight: list[int] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda answer: weight.append(int(answer.headers.get("content-length", "0"))))
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.evaluate(STUMBLES) == []
    if size == PHONE:
        assert page.evaluate(SMALL) == []
    assert not faults
    assert sum(weight) < 100_000
    context.close()


def test_the_menu_of_ones_account_lies_on_the_screen(phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto("/notifications")
    page.locator(".account summary").click()
    box = page.locator(".account .menu").bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= PHONE[0]) == (True, True)
    low = page.locator(".account .menu a").evaluate_all("all => all.filter((a) => a.offsetHeight < 44).length")
    assert low == 0


def test_the_first_press_of_tab_offers_the_main_content(room: Page) -> None:
    room.keyboard.press("Tab")
    expect(room.locator(".skip")).to_be_focused()
    room.keyboard.press("Enter")
    expect(room.locator("main")).to_be_focused()


def test_a_statement_is_recorded_without_script(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/meetings/room")
    say(page, "làm lại đường")
    expect(page.locator("#statements .said")).to_have_count(1)
    expect(page.get_by_role("button", name="Lưu").first).to_be_visible()
    context.close()


def test_a_statement_is_recorded_without_leaving_the_page(room: Page) -> None:
    room.evaluate("window.here = true")
    say(room, "làm lại đường")
    expect(room.locator("#statements .said")).to_have_count(1)
    expect(room.get_by_label("Nội dung phát biểu")).to_have_value("")
    assert room.evaluate("window.here")


def test_what_is_recorded_without_a_connection_is_sent_in_order_and_once(room: Page) -> None:
    room.context.set_offline(True)
    for text in ("ý thứ nhất", "ý thứ hai", "ý thứ ba"):
        say(room, text)
    expect(room.locator(".offline")).to_have_text(re.compile("Mất kết nối · 3 mục"))
    expect(room.locator("[data-pending] li")).to_have_text(["ý thứ nhất", "ý thứ hai", "ý thứ ba"])
    room.context.set_offline(False)
    expect(room.locator("#statements .said")).to_have_count(3)
    assert said(room) == ["ý thứ nhất", "ý thứ hai", "ý thứ ba"]
    expect(room.locator(".offline")).to_be_hidden()
    room.reload()
    expect(room.locator("#statements .said")).to_have_count(3)


def test_what_waits_survives_closing_the_page(phone: BrowserContext, room: Page) -> None:
    phone.set_offline(True)
    say(room, "ý đã ghi")
    expect(room.locator("[data-pending] li")).to_have_count(1)
    room.close()
    phone.set_offline(False)
    again = phone.new_page()
    again.goto("/meetings/room")
    expect(again.locator("#statements .said")).to_have_count(1)


def test_a_refused_statement_says_why_and_gives_the_text_back(room: Page) -> None:
    say(room, "từ chối")
    expect(room.get_by_role("alert")).to_contain_text("Kỳ sinh hoạt đã kết thúc.")
    expect(room.get_by_label("Nội dung phát biểu")).to_have_value("từ chối")
    say(room, "ý khác")
    expect(room.locator("#statements .said")).to_have_count(1)
    expect(room.get_by_role("alert")).to_have_count(0)


def test_nothing_typed_is_lost(room: Page) -> None:
    room.get_by_label("Nội dung phát biểu").fill("đang ghi dở")
    room.reload()
    expect(room.get_by_label("Nội dung phát biểu")).to_have_value("đang ghi dở")
    say(room, "đang ghi dở")
    expect(room.locator("#statements .said")).to_have_count(1)
    room.reload()
    expect(room.get_by_label("Nội dung phát biểu")).to_have_value("")


def test_who_logs_out_leaves_nothing_on_the_machine(phone: BrowserContext, room: Page) -> None:
    room.get_by_label("Nội dung phát biểu").fill("riêng của tôi")
    page = phone.new_page()
    page.goto("/notifications")
    page.locator(".account summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/login")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_attendance_is_sent_by_one_touch(room: Page) -> None:
    with room.expect_response("**/attendance") as sent:
        room.locator("#m3-present").check()
    assert "attendance=present" in (sent.value.request.post_data or "")


def test_a_change_appears_by_itself_and_is_softly_marked(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.goto("/inspection/wall")
    expect(page.locator(".live")).to_have_text("trực tiếp")
    context.request.post("/inspection/change")
    square = page.locator("#cell-0-11")
    expect(square).to_contain_text("100")
    expect(square).to_have_class(re.compile("changed"))
    expect(page.locator("#cell-1-11")).not_to_have_class(re.compile("changed"))
    context.close()


def test_a_burst_of_changes_is_fetched_as_few(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.goto("/inspection/wall")
    expect(page.locator(".live")).to_have_text("trực tiếp")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if request.resource_type == "fetch" else None)
    for _ in range(20):
        context.request.post("/inspection/change")
    expect(page.locator("#cell-0-11")).to_contain_text("100")
    assert len(fetched) < 10
    context.close()


def test_what_changes_does_not_take_the_readers_place_away(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.goto("/inspection/wall")
    expect(page.locator(".live")).to_have_text("trực tiếp")
    page.locator("#cell-3-link").focus()
    context.request.post("/inspection/change")
    expect(page.locator("#cell-0-11")).to_contain_text("100")
    expect(page.locator("#cell-3-link")).to_be_focused()
    context.close()


def test_a_lost_connection_is_said_and_found_again(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.goto("/inspection/wall")
    expect(page.locator(".live")).to_have_text("trực tiếp")
    context.set_offline(True)
    expect(page.locator(".live")).to_have_text("mất kết nối")
    context.set_offline(False)
    expect(page.locator(".live")).to_have_text("trực tiếp")
    context.close()


def test_a_printed_page_is_only_its_content(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto("/inspection/wall")
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator("table.wall")).to_be_visible()
    context.close()
