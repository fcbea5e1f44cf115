"""The meeting room in a real browser: with one thumb, off line, and seen by another at the same moment."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from services.meetings.tests.cell import CELL, INSPECTOR, SECRETARY, Cell, period
from shared.auth.cookies import SESSION
from shared.auth.tokens import issue
from tests.support.chromium import LAUNCH, SMALL, STUMBLES

pytestmark = pytest.mark.browser

PHONE, LAPTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**LAUNCH)
        yield browser
        await browser.close()


@pytest.fixture
async def address(cell: Cell) -> AsyncIterator[str]:
    """The running service of the cell on a port of its own."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(
            cell.house.apps["meetings"], log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


async def logged_in(
    chromium: Browser, address: str, cell: Cell, who: Any = SECRETARY, **options: Any
) -> BrowserContext:
    """A browser with the login's cookie, as members would have given it."""
    context = await chromium.new_context(base_url=address, **{"viewport": PHONE, **options})
    token = issue(cell.house.issuer.key, who, "test", now=cell.clock(), lifetime=timedelta(hours=9))
    await context.add_cookies([{"name": SESSION, "value": token, "url": address}])
    context.set_default_timeout(10_000)
    return context


async def test_a_tap_saves_the_roll_call_and_an_inspector_sees_it_at_once(
    chromium: Browser, address: str, cell: Cell
) -> None:
    meeting = await cell.opened()
    secretary = await (await logged_in(chromium, address, cell)).new_page()
    inspector = await (await logged_in(chromium, address, cell, INSPECTOR, viewport=LAPTOP)).new_page()
    await inspector.goto(f"/meetings/{meeting}")
    await expect(inspector.locator(".live")).to_have_attribute("data-state", "live")
    await secretary.goto(f"/meetings/{meeting}?step=roll")
    await secretary.locator("#status-minh-present").check()
    await expect(secretary.locator("#roll-counts")).to_contain_text("1 có mặt")
    await expect(secretary.locator("#steps")).to_contain_text("Điểm danh 1/4")
    await expect(inspector.locator("#r-minh")).to_contain_text("có mặt")
    await secretary.get_by_role("button", name="Ghi 3 đồng chí còn lại có mặt").click()
    await expect(secretary.get_by_role("link", name="Sang thảo luận")).to_be_visible()
    await expect(inspector.locator("#now")).to_contain_text("100% (4/4)")


async def test_what_was_typed_off_line_is_kept_and_sent_when_the_network_is_back(
    chromium: Browser, address: str, cell: Cell
) -> None:
    meeting = await cell.gathered()
    context = await logged_in(chromium, address, cell)
    room = await context.new_page()
    await room.goto(f"/meetings/{meeting}?step=talk")
    await context.set_offline(True)
    await room.get_by_label("Người phát biểu").select_option("hoa")
    await room.get_by_label("Ý kiến", exact=True).fill("Đề nghị làm lại đường nội bản")
    await room.get_by_role("button", name="Ghi ý kiến phát biểu").click()
    await expect(room.locator("[data-pending] .pending")).to_have_text("Đề nghị làm lại đường nội bản")
    await expect(room.locator(".offline")).to_contain_text("Mất kết nối")
    await context.set_offline(False)
    await expect(room.locator("#said")).to_contain_text("Đề nghị làm lại đường nội bản")
    found = (await cell.browser().get(f"/meetings/api/v1/meetings/{meeting}")).json()
    assert [said["text"] for said in found["statements"]] == ["Đề nghị làm lại đường nội bản"]


async def test_without_script_the_roll_is_one_form_with_one_button(chromium: Browser, address: str, cell: Cell) -> None:
    meeting = await cell.opened()
    room = await (await logged_in(chromium, address, cell, java_script_enabled=False)).new_page()
    await room.goto(f"/meetings/{meeting}?step=roll")
    await room.locator("#status-minh-excused").check()
    await room.locator("#status-hoa-present").check()
    await room.get_by_role("button", name="Lưu điểm danh").click()
    await expect(room.locator("#roll-counts")).to_contain_text("1 có mặt · 1 vắng có lý do")
    await room.locator("#reason-minh").fill("ốm")
    await room.get_by_role("button", name="Lưu điểm danh").click()
    await expect(room.locator("#reason-minh")).to_have_value("ốm")


async def test_a_meeting_of_the_paper_book_is_typed_in_without_script(
    chromium: Browser, address: str, cell: Cell
) -> None:
    book = await (await logged_in(chromium, address, cell, java_script_enabled=False)).new_page()
    await book.goto(f"/meetings/paper?cell={CELL}&period={period(-1)}")
    reason = book.locator("#reason-minh")
    await expect(reason).to_be_hidden()
    await book.locator("#status-minh-excused").check()
    await reason.fill("ốm")
    await book.get_by_label("Bế mạc lúc").fill("16:00")
    await book.get_by_label("Địa điểm").fill("Nhà văn hóa bản")
    await book.locator("#said-1").fill("Đề nghị làm lại đường.")
    await book.get_by_role("button", name="Thêm năm ý kiến").click()
    await expect(book.locator("#said-10")).to_be_visible()
    await book.get_by_label("Kết luận", exact=True).fill("Nhất trí làm đường.")
    await book.get_by_role("button", name="Ghi kỳ sinh hoạt này").click()
    await expect(book.get_by_role("alert")).to_contain_text("Ý kiến thứ 1 còn thiếu người phát biểu hoặc nội dung.")
    await expect(book.locator("#said-1")).to_have_value("Đề nghị làm lại đường.")
    await expect(reason).to_have_value("ốm")
    await book.locator("#speaker-1").select_option("hoa")
    await book.get_by_role("button", name="Ghi kỳ sinh hoạt này").click()
    await expect(book.locator("main")).to_contain_text("nhập từ sổ giấy")
    await expect(book.locator("main")).to_contain_text("75% (3/4)")


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
async def test_every_screen_fits_a_thumb_a_reader_by_ear_and_the_width(
    chromium: Browser, address: str, cell: Cell, viewport: dict[str, int]
) -> None:
    page = await (await logged_in(chromium, address, cell, viewport=viewport)).new_page()
    faults: dict[str, Any] = {}

    async def look(path: str) -> None:
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert len(await answer.body()) < 100_000
        wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        found = [*await page.evaluate(STUMBLES), *(await page.evaluate(SMALL) if viewport is PHONE else [])]
        if found or wide:
            faults[path] = [*found, *(["wider than the screen"] if wide else [])]

    await look("/meetings")
    await look(f"/meetings/plan?cell={CELL}")
    await look(f"/meetings/paper?cell={CELL}")
    meeting = await cell.planned()
    await look(f"/meetings/{meeting}")
    await cell.done(f"/meetings/{meeting}/opening", {"chair": "thanh", "minute_taker": "mai"})
    await look(f"/meetings/{meeting}?step=close")
    await cell.call_the_roll(meeting)
    for step in ("roll", "talk", "conclude", "tasks", "close"):
        await look(f"/meetings/{meeting}?step={step}")
    await cell.hold(meeting)
    await look(f"/meetings/{meeting}")
    await look(f"/meetings/{meeting}/minutes")
    await cell.house.settled()
    await look("/meetings")
    assert faults == {}
