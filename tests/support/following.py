"""Somebody who watches a live page: what the server told, and when it was heard."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic

import httpx

from tests.support.people import Person

PATIENCE = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Heard:
    event: str
    at: float  # monotonic seconds


class Follower:
    """Keeps what is heard; `wait` gives the first telling of an event after a moment."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self._news = threading.Condition()

    def hear(self, event: str) -> None:
        with self._news:
            self.heard.append(Heard(event, monotonic()))
            self._news.notify_all()

    def wait(self, event: str, since: int = 0) -> Heard:
        """The first ``event`` after the first ``since`` things heard. Raises `AssertionError` when none comes."""

        def found() -> Heard | None:
            return next((one for one in self.heard[since:] if one.event == event), None)

        with self._news:
            one = self._news.wait_for(found, PATIENCE)
        assert one is not None, f"{event} was not told within {PATIENCE:.0f} s; heard {self.heard[since:]}"
        return one


@contextmanager
def following(person: Person, path: str) -> Iterator[Follower]:
    """Follow a stream of server-sent events; begins when the server says that it listens (``event: ready``)."""
    follower = Follower()
    with person.http.stream("GET", path, headers={"Accept": "text/event-stream"}) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")

        def listen() -> None:
            with suppress(httpx.HTTPError):  # so it ends when the line is cut below
                for line in answer.iter_lines():
                    if line.startswith("event:"):
                        follower.hear(line.removeprefix("event:").strip())

        listening = threading.Thread(target=listen)
        listening.start()
        try:
            follower.wait("ready")
            yield follower
        finally:
            answer.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
            listening.join()
