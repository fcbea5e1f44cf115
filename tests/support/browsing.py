"""Somebody at a browser without script: logs in by the form, follows pages, sends the forms they hold."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape

import httpx

PATIENCE = 20.0  # seconds


class Visitor:
    """Cookies, and the hidden fields of the forms on the last page."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def log_in(self, name: str, password: str) -> httpx.Response:
        """By the form; the answer is the person's own first page."""
        return self.http.post("/login", data={"login": name, "password": password, "next": "/"})

    def page(self, path: str) -> str:
        """The text of a page that must be there."""
        answer = self.http.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        assert answer.url.path != "/login", f"{path} asks for a login"
        return unescape(answer.text)

    def send(self, page: str, path: str, **fields: str) -> httpx.Response:
        """Send the form of ``page`` that leads to ``path``, with its hidden fields and what is typed."""
        form = re.search(rf'<form[^>]*action="{re.escape(path)}"[^>]*>(.*?)</form>', self.page(page), re.DOTALL)
        assert form is not None, f"{page} has no form for {path}"
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[1]))
        return self.http.post(path, data=hidden | fields)

    def until(self, holds: Callable[[], bool]) -> None:
        """Look again until it holds. Raises `AssertionError`."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, "it never came to hold"


@contextmanager
def visiting(url: str) -> Iterator[Visitor]:
    with httpx.Client(base_url=url, follow_redirects=True, timeout=30) as http:
        yield Visitor(http)
