"""The embedded servers start, stop, and are found again after a kill."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
import redis

from deploy.local import home, postgres
from deploy.local.fault import Fault
from deploy.local.postgres import Postgres
from deploy.local.process import working_in
from deploy.local.redis import Redis
from tests.support.ordinary import ordinary_user

HOLD = """
import sys, signal
from pathlib import Path
from deploy.local.{module} import {server}
with {server}(Path(sys.argv[1])) as running:
    print(running.url(), flush=True)
    signal.pause()
"""


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def modes(path: Path) -> dict[Path, int]:
    return {step: stat.S_IMODE(step.stat().st_mode) for step in (path, *path.parents)}


async def ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def held_by_another_process(server: type[Postgres] | type[Redis], folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A process that started ``server`` in ``folder`` and waits; the address it told."""
    script = HOLD.format(module=server.__module__.rpartition(".")[2], server=server.__name__)
    other = subprocess.Popen([sys.executable, "-c", script, folder], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    return other, other.stdout.readline().strip()


def killed(other: subprocess.Popen[str]) -> None:
    other.kill()
    other.communicate()


async def test_a_test_has_a_database_of_its_own_that_sorts_the_same_on_every_machine(pool: asyncpg.Pool) -> None:
    assert await pool.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert await pool.fetchval("SHOW server_encoding") == "UTF8"
    locale = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'template0'"
    assert await pool.fetchval(locale) == "bC.UTF-8"
    assert await pool.fetchval("SELECT lower('ĐẢNG ỦY')") == "đảng ủy"


def test_a_test_has_an_empty_redis(redis_url: str) -> None:
    with redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


async def test_real_use_survives_a_power_cut_and_listens_on_no_port(folder: Path) -> None:
    with Postgres(folder) as server:
        assert await ask(server.url(), "SHOW fsync") == "on"
        assert await ask(server.url(), "SHOW listen_addresses") == ""
        assert server.pid is not None
        assert os.stat(f"/proc/{server.pid}").st_uid != 0
    assert working_in(folder / "data", ["postgres"]) == []


async def test_a_home_that_is_closed_to_others_stays_closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = folder / "var"
    monkeypatch.setattr(home, "ELSEWHERE", elsewhere)
    closed = folder / "home"
    closed.mkdir(mode=0o700)
    before = modes(closed)
    for _ in range(2):  # the second time it finds what the first has made
        with Postgres(closed / "chibo" / "postgres", durable=False) as server, Redis(closed / "chibo" / "redis"):
            assert await ask(server.url(), "SELECT 1") == 1
    assert modes(closed) == before
    if os.geteuid() == 0:
        assert len(list(elsewhere.iterdir())) == 2
    else:
        assert not elsewhere.exists()


def test_an_ordinary_user_needs_nobody_and_nothing(folder: Path) -> None:
    user = ordinary_user()
    theirs = user.account.own(folder / "theirs")
    script = """
import asyncio, asyncpg, sys
from pathlib import Path
from deploy.local.postgres import Postgres
from deploy.local.redis import Redis
async def ask(url): return await (await asyncpg.connect(url)).fetchval("SELECT current_user")
home = Path(sys.argv[1])
with Postgres(home / "data" / "postgres", durable=False) as server, Redis(home / "data" / "redis"):
    print(asyncio.run(ask(server.url())))
"""
    said = subprocess.run(
        [user.python, "-c", script, theirs],
        env=user.environment(theirs),
        capture_output=True,
        text=True,
        check=False,
        **user.become,
    )
    assert (said.stdout.strip(), said.stderr) == ("chibo", "")
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o700


async def test_a_killed_run_is_recovered_by_the_next(folder: Path) -> None:
    other, url = held_by_another_process(Postgres, folder)
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    killed(other)
    with Postgres(folder) as server:
        assert await ask(server.url(), "SELECT answer FROM kept") == 42


def test_what_redis_was_told_is_there_after_a_kill(folder: Path) -> None:
    other, url = held_by_another_process(Redis, folder)
    with redis.from_url(url) as client:
        client.set("kept", "42")
    killed(other)
    with Redis(folder) as server, redis.from_url(server.url()) as client:
        assert client.get("kept") == b"42"


@pytest.mark.parametrize("server", [Postgres, Redis])
def test_a_server_does_not_outlive_the_run_that_started_it(server: type[Postgres] | type[Redis], folder: Path) -> None:
    other, _ = held_by_another_process(server, folder)
    assert working_in(folder / "data", server.PROGRAMS)
    killed(other)
    until(lambda: not working_in(folder / "data", server.PROGRAMS))


@pytest.mark.parametrize("server", [Postgres, Redis])
def test_a_server_that_was_left_behind_is_ended(server: type[Postgres] | type[Redis], folder: Path) -> None:
    left = server(folder, durable=False)
    left.start()
    left.wait()
    left._home.lock.release()  # as if its run were gone
    with server(folder, durable=False) as fresh:
        assert working_in(folder / "data", server.PROGRAMS)[0:1] != [left.pid]
        assert fresh.pid != left.pid
    assert left._child is not None
    left._child.wait()


async def test_a_pid_file_that_now_names_somebody_else_does_not_keep_it_from_starting(folder: Path) -> None:
    with Postgres(folder, durable=False):
        written = (folder / "data" / "postmaster.pid").read_text().splitlines()
    (folder / "data" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *written[1:]]) + "\n")
    with Postgres(folder, durable=False) as server:
        assert await ask(server.url(), "SELECT 1") == 1


async def test_an_interrupted_first_start_is_begun_again(folder: Path) -> None:
    (folder / "data.half").mkdir()
    (folder / "data.half" / "PG_VERSION").write_text("18\n")
    with Postgres(folder, durable=False) as server:
        assert await ask(server.url(), "SELECT 1") == 1


async def test_a_deep_folder_is_no_trouble(folder: Path) -> None:
    deep = folder / ("d" * 100)
    with Postgres(deep, durable=False) as server:
        assert await ask(server.url(), "SELECT 1") == 1
        outside = server._sockets
    assert not outside.exists()


def test_two_runs_never_share_a_folder(folder: Path) -> None:
    with Redis(folder), pytest.raises(Fault, match=rf"process {os.getpid()}"), Redis(folder):
        pass


@pytest.mark.parametrize(("language", "words"), [("vi", "dữ liệu của PostgreSQL 17"), ("en", "data of PostgreSQL 17")])
def test_data_of_another_version_is_named(
    language: str, words: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHIBO_LANGUAGE", language)
    (folder / "data").mkdir()
    (folder / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(Fault, match=words), Postgres(folder):
        pass


def test_a_full_disk_is_named_before_anything_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "NEEDED_MB", 2**40)
    with pytest.raises(Fault, match=f"{folder} has"), Postgres(folder):
        pass
    assert [entry.name for entry in folder.iterdir()] == ["lock"]


def test_a_missing_wheel_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "folder_of", lambda package: None)
    with pytest.raises(Fault, match=r"pip install .* CHIBO_POSTGRES_URL"), Postgres(folder):
        pass


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    with Postgres(folder, durable=False):
        pass
    with (folder / "data" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(Fault, match=r"postgresql\.conf.*errors.*server\.log"), Postgres(folder, durable=False):
        pass


def test_ctrl_c_at_the_terminal_reaches_us_and_not_the_servers(folder: Path) -> None:
    with Redis(folder, durable=False) as server:
        assert server.pid is not None
        assert os.getsid(server.pid) != os.getsid(0)
        assert signal.SIGINT not in server.STOP_WITH
