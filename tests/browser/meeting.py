"""A secretary holds a meeting on the pages, as they lie before them: with script or without it."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.places import CELL
from tests.e2e.cell import NOW

THEME = "Xây dựng nông thôn mới ở bản"
STATEMENT = "Đề nghị làm lại đường nội bản trước Tết."
CONCLUSION = "Thống nhất làm lại đường nội bản."


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def plan(page: Page) -> str:
    """Plan a thematic meeting for today. Returns the path of its room."""
    page.goto(f"/meetings/plan?cell={CELL}")
    page.locator("#kind").select_option("thematic")
    page.locator("#theme").fill(THEME)
    page.locator("#place").fill("Nhà văn hóa bản Phiêng Lơi")
    press(page, "Lập kế hoạch")
    expect(page.get_by_text(THEME)).to_be_visible()
    return page.url.split("?")[0].removeprefix(page.url.split("/meetings/")[0])


def open_room(page: Page) -> None:
    """From the planned meeting to its roll; chair and minute-taker are proposed."""
    press(page, "Đã thông báo cho đảng viên")
    press(page, "Khai mạc")
    expect(page.locator("#roll")).to_be_visible()


def call_roll(page: Page, *, script: bool = True) -> None:
    """One is excused, one absent, the others are there."""
    people = page.locator("#roll > ul > li:has(input[value=excused])")
    for number, status, counted in ((4, "excused", "1 vắng có lý do"), (5, "unexcused", "1 vắng không lý do")):
        people.nth(number).locator(f"input[value={status}]").check()
        if script:
            expect(page.locator("#roll-counts")).to_contain_text(counted)
    if not script:
        press(page, "Lưu điểm danh")
    page.locator("#roll .reason input").fill("đi công tác")
    page.locator("#roll .reason input").blur()
    page.locator("#act button").click()
    expect(page.get_by_role("link", name="Sang thảo luận")).to_be_visible()


def speak(page: Page, text: str = STATEMENT) -> None:
    speaker = page.locator("#speaker optgroup").first.locator("option").nth(2).get_attribute("value")
    page.locator("#speaker").select_option(speaker)
    page.locator("#text").fill(text)
    press(page, "Ghi ý kiến phát biểu")


def conclude(page: Page) -> None:
    page.locator("#text").fill(CONCLUSION)
    press(page, "Ghi kết luận")
    expect(page.locator("#concluded")).to_contain_text(CONCLUSION)


def assign(page: Page) -> None:
    page.locator("#owner").select_option(index=3)
    page.locator("#description").fill("Vận động các hộ góp ngày công")
    page.locator("#quantity").fill("12")
    page.locator("#unit").fill("hộ")
    page.locator("#deadline").fill((NOW + timedelta(days=20)).isoformat())
    press(page, "Giao việc")
    expect(page.locator("#given")).to_contain_text("12 hộ")


def close(page: Page) -> None:
    press(page, "Bế mạc buổi sinh hoạt")
    expect(page.get_by_text("Đã bế mạc lúc")).to_be_visible()


def send_up(page: Page) -> None:
    press(page, "Ký xác nhận biên bản")
    press(page, "Gửi biên bản lên cấp trên")
    expect(page.locator(".chip", has_text="đã gửi")).to_be_visible()


def correct(page: Page) -> None:
    """A closed meeting's statement is corrected; both wordings then stand in the minutes."""
    page.get_by_text("Ghi đính chính").first.click()
    page.locator("#what").select_option(
        page.locator("#what optgroup").nth(2).locator("option").first.get_attribute("value")
    )
    page.locator("#after").fill("Đề nghị làm lại đường nội bản trước tháng Chạp.")
    page.locator("#reason").fill("Thư ký ghi nhầm thời gian")
    press(page, "Ghi đính chính")
    expect(page.locator(".corrections del")).to_have_text(STATEMENT)
    expect(page.locator(".corrections ins")).to_contain_text("tháng Chạp")


STEPS = (("talk", speak), ("conclude", conclude), ("tasks", assign), ("close", close))
