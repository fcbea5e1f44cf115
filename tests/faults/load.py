"""People at work while things break: secretaries hold meetings, a supervisor remarks on them, an office renames cells.

Each command has its key and is sent again under it until it is acknowledged, as a browser or a program would. What was
acknowledged is written down: the log has to agree, whatever happened meanwhile.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from tests.e2e.cell import MEETINGS, NAMES, NOW, PERIOD, Cell
from tests.support.people import Person

PACE = 0.1  # seconds between two commands of one person
AGAIN = 0.1  # seconds before a command is sent once more
PATIENCE = 150.0  # seconds for one command


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """``correlation`` is this command's alone and goes into every event of it."""

    service: str
    key: str
    correlation: str
    position: str
    repeated: bool


@dataclass
class Book:
    """What all who are at work were told."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    sent_again: int = 0  # requests without an answer, or answered with an error of the server's


class Stopping(Exception):
    """The load is over: go home between two meetings."""


class Insistent:
    """One person who sends every command until it is acknowledged."""

    def __init__(self, person: Person, book: Book, stopping: threading.Event) -> None:
        self._http, self._book, self._stopping = person.http, book, stopping
        self._http.timeout = httpx.Timeout(15.0)

    def read(self, path: str, **query: Any) -> Any:
        answer = self._until_answered("GET", path, params=query)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()

    def do(self, path: str, body: Any = None, **headers: Any) -> dict[str, Any]:
        """Send a command; what it answered. Raises `AssertionError` when it is refused."""
        if self._stopping.wait(PACE):
            raise Stopping
        key, correlation = secrets.token_hex(12), secrets.token_hex(12)
        headers = {"Idempotency-Key": key, "X-Correlation-Id": correlation, **headers}
        answer = self._until_answered("POST", path, json={} if body is None else body, headers=headers)
        assert answer.is_success, f"{path}: {answer.text}"
        told: dict[str, Any] = answer.json()
        service = path.split("/")[1]
        self._book.acknowledged.append(Acknowledged(service, key, correlation, told["position"], told["repeated"]))
        return told

    def _until_answered(self, method: str, path: str, **request: Any) -> httpx.Response:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._http.request(method, path, **request)
                seen = answer.text
                if answer.status_code < 500:
                    return answer
            except httpx.TransportError as error:
                seen = repr(error)
            assert time.monotonic() < end, f"{method} {path} was never answered: {seen}"
            self._book.sent_again += 1
            time.sleep(AGAIN)


def hold_meetings(cell: Cell, members: list[str], who: Insistent) -> None:
    """A secretary's work, meeting after meeting."""
    one, two, three, four, _exempt = members
    while True:
        planned = {"cell": cell.id, "kind": "extraordinary", "place": "Nhà văn hóa bản"}
        planned_at = f"{NOW.isoformat()}T08:00:00+07:00"
        meeting = who.do(MEETINGS, planned | {"planned_at": planned_at})["answer"]["meeting"]
        room = f"{MEETINGS}/{meeting}"
        who.do(f"{room}/notice")
        who.do(f"{room}/opening", {"chair": one, "minute_taker": two})
        present = [{"member": member, "status": "present"} for member in (one, two, three)]
        absent = {"member": four, "status": "excused", "reason": "đi công tác xa"}
        who.do(f"{room}/attendance", {"records": [*present, absent]})
        items = {item["kind"]: item["item"] for item in who.read(room)["agenda"]}
        for speaker in (one, two, three):
            text = f"Đề nghị làm sớm ({secrets.token_hex(4)})."
            who.do(f"{room}/statements", {"item": items["discussion"], "speaker": speaker, "text": text})
        who.do(f"{room}/guests", {"capacity": "Trưởng ban công tác mặt trận"})
        who.do(f"{room}/conclusions", {"item": items["conclusion"], "text": "Thống nhất như dự thảo."})
        task = {"owner": two, "description": "Làm đường nội bản", "quantity": "12.5", "unit": "ngày công"}
        who.do(f"{room}/tasks", task | {"deadline": NOW.isoformat()})
        for step in ("closing", "confirmation", "sending-up"):
            who.do(f"{room}/{step}")
        wrong = {"subject": "attendance", "target": four, "reason": "Thư ký ghi nhầm"}
        who.do(f"{room}/corrections", wrong | {"attendance": {"member": four, "status": "unexcused"}})


def remark(cells: list[Cell], who: Insistent) -> None:
    """A supervisor's work: every remark makes the notifications service tell the cell's leaders."""
    while True:
        for cell in cells:
            text = "Biên bản chưa ghi ý kiến của từng đồng chí."
            who.do(f"/inspection/api/v1/cells/{cell.id}/remarks", {"period": PERIOD, "text": text})


def rename(cells: list[Cell], who: Insistent) -> None:
    """A committee office's work: names that every service shows."""
    while True:
        for cell in cells:
            name = f"Chi bộ bản {secrets.token_hex(3)}"
            path = f"/members/api/v1/organisations/{cell.id}/rename"
            who.do(path, {"name": name, "effective_on": NOW.isoformat()})


@dataclass
class Bloc:
    """Who works here."""

    cells: list[Cell]
    office: Person
    inspector: Person

    def __post_init__(self) -> None:
        rolls = {cell.id: {one["full_name"]: one["member"] for one in cell.roll()} for cell in self.cells}
        self.members = {cell: [by_name[name] for name in NAMES] for cell, by_name in rolls.items()}

    def close(self) -> None:
        for person in (self.office, self.inspector, *(cell.secretary for cell in self.cells)):
            person.http.close()

    def work(self) -> list[tuple[Person, Callable[[Insistent], None]]]:
        """Everybody, with what they do."""
        secretaries: list[tuple[Person, Callable[[Insistent], None]]] = [
            (cell.secretary, partial(hold_meetings, cell, self.members[cell.id])) for cell in self.cells
        ]
        return [
            *secretaries,
            (self.inspector, partial(remark, self.cells)),
            (self.office, partial(rename, self.cells)),
        ]


class Load:
    """Everybody at work, each in a thread of their own. ``book`` outlives the load."""

    def __init__(self, bloc: Bloc, book: Book) -> None:
        self.book = book
        self._stopping = threading.Event()
        self._failed: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._run, args=(work, Insistent(person, book, self._stopping)))
            for person, work in bloc.work()
        ]

    def _run(self, work: Callable[[Insistent], None], who: Insistent) -> None:
        try:
            work(who)
        except Stopping:
            pass
        except BaseException as error:
            self._failed.append(error)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Everybody finishes what they sent. Raises what anybody met that must not happen."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        for error in self._failed:
            raise error

    def goes_on(self, commands: int = 30) -> None:
        """Wait until so many more commands are acknowledged. Raises like `stop` when somebody gave up."""
        enough, end = len(self.book.acknowledged) + commands, time.monotonic() + PATIENCE
        while len(self.book.acknowledged) < enough:
            for error in self._failed:
                raise error
            assert time.monotonic() < end, "the work does not go on"
            time.sleep(0.05)


@contextmanager
def under_load(bloc: Bloc, book: Book) -> Iterator[Load]:
    """Work goes on from before the fault until after it; when this ends, everything sent is acknowledged."""
    load = Load(bloc, book)
    load.start()
    try:
        load.goes_on()
        yield load
        load.goes_on()
    finally:
        load.stop()
