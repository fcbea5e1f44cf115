"""A request as a page gets it, without a service around it."""

from collections.abc import Callable

import pytest
from starlette.requests import Request

from shared.events.members import Office
from shared.web import Reader

INSPECTOR = Reader("a1", [Office.INSPECTOR], Office.INSPECTOR, "Đảng bộ xã Thanh Minh")

MakeRequest = Callable[..., Request]


@pytest.fixture
def a_request() -> MakeRequest:
    def make(path: str = "/inspection/wall", reader: Reader | None = INSPECTOR, cookie: str = "") -> Request:
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"chibo.test"), (b"cookie", cookie.encode())],
            "scheme": "http",
            "server": ("chibo.test", 80),
            "state": {"reader": reader, "csrf": "token-1"},
        }
        return Request(scope)

    return make
