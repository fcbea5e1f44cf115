"""A small bloc at work, all four services behind real HTTP: what the wire is tried on.

Runs in a thread of its own, so that a test can be an ordinary function (Hypothesis, requests).
"""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI

from services.meetings.domain.meeting.agenda import CONCLUSION, DISCUSSION, item_id
from services.members.tests.house import House as Register
from shared.auth.tokens import issue
from shared.clock import system_clock
from shared.events.members import Office
from shared.vietnam import period_of, vietnam_date
from tests.support.house import House, actor, open_house

CELL, COMMUNE, PROVINCE = "ban-2", "xa", "tinh"
HOUR = timedelta(hours=1)


@dataclass
class Bloc:
    """``known``: by the name a parameter or field has, the ids that stand for something here."""

    urls: dict[str, str] = field(default_factory=dict)
    known: dict[str, list[str]] = field(default_factory=dict)
    logins: list[str] = field(default_factory=list)  # access tokens of several offices


@contextmanager
def bloc_at_work(postgres_url: str, redis_url: str) -> Iterator[Bloc]:
    bloc, ready, enough = Bloc(), threading.Event(), threading.Event()
    failed: list[BaseException] = []

    async def work() -> None:
        async with open_house(postgres_url, redis_url) as house:
            await _furnish(house, bloc)
            async with AsyncExitStack() as stack:
                for service, app in house.apps.items():
                    bloc.urls[service] = await stack.enter_async_context(_served(app))
                ready.set()
                await asyncio.to_thread(enough.wait)

    def run() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        ready.wait()
        if not failed:
            yield bloc
    finally:
        enough.set()
        thread.join()
    if failed:
        raise failed[0]


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[str]:
    """The address of an application that is already running."""
    listening = socket.create_server(("127.0.0.1", 0))  # who comes too early waits
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
    task = asyncio.create_task(server._serve([listening]))  # `serve` would take over the signals of the whole process
    port = listening.getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def _furnish(house: House, bloc: Bloc) -> None:
    """A province with communes and cells, members, accounts, an office, one meeting of each phase, a remark."""
    register = Register(house.apps["members"])
    await register.bloc()
    members = [
        await register.member(CELL, f"Lò Thị Mẫu {number}", birth_date="1962", phone="0900 000 001")
        for number in range(1, 6)
    ]
    offices = {
        "office": actor("office", (Office.COMMITTEE_OFFICE, PROVINCE)),
        "secretary": actor("secretary", (Office.CELL_SECRETARY, CELL), member=members[0]),
        "taker": actor("taker", (Office.MINUTE_TAKER, CELL), member=members[1]),
        "member": actor("member", (Office.MEMBER, CELL), member=members[2]),
        "inspector": actor("inspector", (Office.INSPECTOR, PROVINCE)),
        "officer": actor("officer", (Office.DATA_PROTECTION_OFFICER, PROVINCE)),
        "operator": actor("operator", (Office.OPERATOR, PROVINCE)),
    }
    now = system_clock()
    bloc.logins = [issue(house.issuer.key, who, "test", now=now, lifetime=HOUR) for who in offices.values()]
    await house.settled()

    async def do(service: str, who: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = await house.client(service, offices[who]).post(f"/{service}/api/v1{path}", json=body)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()["answer"] or {}
        return told

    account = (await do("members", "office", "/accounts", {"organisation": CELL, "login": "bithu"}))["account"]
    today = vietnam_date(now)
    held = {"account": account, "member": members[3], "office": "deputy_secretary", "from_on": today.isoformat()}
    assignment = (await do("members", "office", f"/organisations/{CELL}/offices", held))["assignment"]
    meetings = []
    for month in range(3):  # one planned, one open, one closed
        plan = {"cell": CELL, "planned_at": (now + timedelta(days=31 * month)).isoformat(), "place": "Nhà văn hóa"}
        meetings.append((await do("meetings", "secretary", "/meetings", plan))["meeting"])
    for meeting in meetings[1:]:
        people = {"chair": members[0], "minute_taker": members[1]}
        await do("meetings", "secretary", f"/meetings/{meeting}/opening", people)
    closing = f"/meetings/{meetings[2]}"
    records = [{"member": member, "status": "present"} for member in members]
    await do("meetings", "secretary", f"{closing}/attendance", {"records": records})
    said = {"item": item_id(meetings[2], DISCUSSION), "speaker": members[0], "text": "Nhất trí."}
    await do("meetings", "secretary", f"{closing}/statements", said)
    concluded = {"item": item_id(meetings[2], CONCLUSION), "text": "Nhất trí."}
    await do("meetings", "secretary", f"{closing}/conclusions", concluded)
    await do("meetings", "secretary", f"{closing}/closing")
    remark = {"period": period_of(today), "text": "Biên bản chưa ghi ý kiến của từng đồng chí."}
    await do("inspection", "inspector", f"/cells/{CELL}/remarks", remark)
    await house.settled()
    bloc.known = {
        "organisation": [PROVINCE, COMMUNE, CELL],
        "parent": [PROVINCE, COMMUNE],
        "under": [PROVINCE],
        "cell": [CELL, CELL, "ban-10"],
        "member": members,
        "person": members,
        "owner": members,
        "speaker": members,
        "chair": members,
        "minute_taker": members,
        "meeting": meetings,
        "account": [account],
        "assignment": [assignment],
        "item": [item_id(meeting, step) for meeting in meetings for step in (DISCUSSION, CONCLUSION)],
        "at": [
            f"{service}.{partition}.{head}"
            for service in ("members", "meetings")
            for partition, head in (await house.ctx(service).log.heads()).items()
            if head
        ],
    }
