"""Somebody at work over HTTP: logs in as users do, and again when the login has run out."""

import json
import secrets
from collections.abc import Callable, Generator
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a command answered, and when (monotonic seconds)."""

    position: str
    version: int
    repeated: bool
    answer: dict[str, Any]
    at: float


class _Login(httpx.Auth):
    def __init__(self, url: str, name: str, password: str) -> None:
        self.request = httpx.Request(
            "POST", f"{url}/members/api/v1/sessions", json={"login": name, "password": password}
        )
        self.token = ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        for attempt in ("known", "fresh"):
            if not self.token or attempt == "fresh":
                granted = yield self.request
                if granted.status_code != 201:
                    return  # then this is the answer
                self.token = json.loads(granted.read())["access_token"]
            request.headers["Authorization"] = f"Bearer {self.token}"
            answer = yield request
            if answer.status_code != 401:
                return


class Person:
    """One login's view of the API."""

    def __init__(
        self, url: str, name: str, password: str, transport: Callable[[], httpx.BaseTransport] | None = None
    ) -> None:
        self.url, self.transport = url, transport
        network = transport() if transport else None
        self.http = httpx.Client(base_url=url, auth=_Login(url, name, password), timeout=30, transport=network)

    def another(self, name: str, password: str) -> "Person":
        """Somebody else at the same place."""
        return Person(self.url, name, password, self.transport)

    def read(self, path: str, **query: Any) -> Any:
        """The JSON of a page that must be there."""
        answer = self.http.get(path, params={name: value for name, value in query.items() if value is not None})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, path: str, body: Any = None, **headers: str) -> Recorded:
        """A command that must be taken."""
        answer = self.ask(path, body, **headers)
        at = monotonic()
        assert answer.is_success, answer.text
        told = answer.json()
        return Recorded(told["position"], told["version"], told["repeated"], told["answer"] or {}, at)

    def ask(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A command, whatever becomes of it; with a key of its own unless one is given."""
        given = {"Idempotency-Key": secrets.token_hex(8)} | {n.replace("_", "-"): v for n, v in headers.items()}
        return self.http.post(path, json={} if body is None else body, headers=given)

    def refused(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """A command that must not be taken: the problem it is answered with."""
        answer = self.ask(path, body, **headers)
        assert answer.status_code >= 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem: dict[str, Any] = answer.json()
        return problem
