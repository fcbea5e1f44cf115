"""`chibo up`: one command, one port, everything; stopped cleanly, and recovered when it was not."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from deploy.local.process import working_in
from deploy.local.tests.conftest import Run


def started(folder: Path) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CHIBO_")}
    return subprocess.Popen(
        [sys.executable, "-c", "from deploy.local.cli import main; main()", "up", "--port", "0"],
        cwd=folder,
        env=clean | {"CHIBO_LANGUAGE": "en", "PYTHONPATH": os.getcwd()},
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def up(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running `chibo up` and its address; it is stopped at the end if it still runs."""
    running = started(folder)
    try:
        assert running.stderr is not None
        said = []
        for line in running.stderr:
            said.append(line)
            if found := re.search(r"running at (http://\S+)", line):
                break
        else:
            raise AssertionError("".join(said))
        yield running, found[1]
    finally:
        if running.poll() is None:
            running.send_signal(signal.SIGINT)
        running.communicate()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def left_in(folder: Path) -> list[int]:
    servers = ("postgres", "redis-server", "valkey-server")
    return [pid for name in ("postgres", "redis") for pid in working_in(folder / ".chibo" / name / "data", servers)]


def test_everything_starts_on_one_port_and_ctrl_c_stops_all_of_it(folder: Path, chibo: Run) -> None:
    with up(folder) as (running, address):
        until(lambda: httpx.get(f"{address}/health/ready").status_code == 200)
        assert httpx.get(f"{address}/login").status_code == 200
        assert httpx.get(f"{address}/internal/jwks").status_code == 404
        for service in ("members", "meetings", "inspection", "notifications"):
            assert httpx.get(f"{address}/{service}/openapi.json").json()["info"]["title"]
        begun = chibo("begin", "Đảng bộ xã")  # beside the running deployment
        assert (begun.returncode, begun.stderr) == (0, "")
        second = chibo("up", "--port", "0")
        assert second.returncode == 1
        assert f"in use by another chibo (process {running.pid})" in second.stderr
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0
    assert left_in(folder) == []


def test_ctrl_c_before_it_is_up_stops_what_was_started(folder: Path) -> None:
    starting = started(folder)
    until(lambda: left_in(folder) != [])
    starting.send_signal(signal.SIGINT)
    _, said = starting.communicate()
    assert (starting.returncode, said.splitlines()[-1]) == (130, "Stopped.")
    assert "Traceback" not in said
    assert left_in(folder) == []


def test_a_killed_run_is_recovered_by_the_next(folder: Path, chibo: Run) -> None:
    with up(folder) as (running, _):
        assert chibo("begin", "Đảng bộ xã").returncode == 0
        os.kill(running.pid, signal.SIGKILL)
    with up(folder) as (_, address):
        assert httpx.get(f"{address}/login").status_code == 200
        assert chibo("begin", "Đảng bộ xã").stderr.startswith("chibo: There are accounts already")
        assert chibo("checkpoint", "--out", "now.txt").returncode == 0  # beside the running deployment
    whole = chibo("verify", "--checkpoint", "now.txt")  # and of a stopped one
    assert whole.returncode == 0
    assert "members: 3 events, every hash fits" in whole.stdout
    assert whole.stdout.count("4 checkpoints hold") == 4
