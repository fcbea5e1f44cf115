"""Real browsers, logged in by the form as people of the demonstration."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from deploy.local.demo.logins import LOGINS
from tests.browser.looking import DESK, Looker, Size
from tests.support.deployment import Deployment

Open = Callable[..., Looker]


@pytest.fixture
def browse(chromium: Browser, deployment: Deployment) -> Iterator[Open]:
    """``browse("bithu", PHONE)``: a browser of its own for somebody; without a name nobody is logged in."""
    opened: list[Looker] = []
    passwords = {known.name: known.password for known in LOGINS}

    def at(login: str = "", size: Size = DESK, **options: object) -> Looker:
        looker = Looker(chromium, deployment.url, size, **options)
        opened.append(looker)
        if login:
            looker.log_in(login, passwords[login])
        return looker

    yield at
    for looker in opened:
        looker.close()
    assert [fault for looker in opened for fault in looker.faults] == []
