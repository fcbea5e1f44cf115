"""One person's browser, and everything in it that should not be: errors, violations of the policy, foreign hosts."""

from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

Size = tuple[int, int]
PHONE: Final[Size] = (360, 780)
DESK: Final[Size] = (1280, 860)
PATIENCE = 15_000  # milliseconds, for a machine that does other things


class Looker:
    """``page`` is the tab; ``faults`` what went wrong in it, in words."""

    def __init__(self, browser: Browser, url: str, size: Size, **options: Any) -> None:
        self.url, self.size, self.faults = url, size, list[str]()
        self.expected: tuple[str, ...] = ()  # what the console may say
        width, height = size
        viewport = {"width": width, "height": height}
        self.context = browser.new_context(base_url=url, viewport=viewport, **options)  # type: ignore[arg-type]
        self.context.set_default_timeout(PATIENCE)
        self.page = self.tab()

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("request", self._asked)
        return page

    def log_in(self, name: str, password: str) -> None:
        """By the form, as it is shown."""
        self.page.goto("/login")
        self.page.get_by_label("Tên đăng nhập").fill(name)
        self.page.get_by_label("Mật khẩu").fill(password)
        self.page.get_by_role("button", name="Đăng nhập").click()
        expect(self.page).not_to_have_url(f"{self.url}/login")

    def close(self) -> None:
        self.context.close()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(known in message.text for known in self.expected):
            self.faults.append(f"{message.location.get('url', '')}: {message.text}")

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc and not request.url.startswith("data:"):
            self.faults.append(f"asked another host: {request.url}")
