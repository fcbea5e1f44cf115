"""Child processes that end with us, run as the right user, and are found again after we were killed."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.local.account import Account
from deploy.local.fault import Fault

LAUNCHER = Path(__file__).with_name("launch.py")


class Lock:
    """Held as long as this process lives: two of us never run servers on one folder. Raises `Fault`."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("a+")
        except OSError:
            raise Fault("data.not_writable", path=path.parent) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = self._file.read().strip() or "?"
            self._file.close()
            raise Fault("data.in_use", path=path.parent, pid=holder) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        self._file.close()


def spawn(
    command: Sequence[str | Path], *, account: Account, log: Path, end_with: signal.Signals
) -> subprocess.Popen[bytes]:
    """Start ``command`` as ``account``, its output in ``log``; when we die it is sent ``end_with``.

    Call it from the main thread: the kernel counts the end of the *thread* that started a child as its parent's death.
    """
    launcher = [sys.executable, "-I", "-S", LAUNCHER, os.getpid(), int(end_with), account.uid, account.gid]
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in (*launcher, *command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,  # Ctrl-C is for us: we stop the servers when the services have finished
        )


def wait_until(ready: Callable[[], bool], child: subprocess.Popen[bytes], *, seconds: float) -> bool:
    """Whether ``ready`` came true before the child ended or the time was over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        if child.poll() is not None:
            return False
        time.sleep(0.005)
    return False


def stop(child: subprocess.Popen[bytes], *signals: signal.Signals, patience: float = 10.0) -> None:
    """Ask with each signal in turn, more firmly each time, and at last kill."""
    for wanted in (*signals, signal.SIGKILL):
        if child.poll() is not None:
            return
        child.send_signal(wanted)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            continue


def working_in(folder: Path, programs: Sequence[str]) -> list[int]:
    """The processes of ``programs`` whose working folder is ``folder``: servers a killed run has left behind."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            if os.readlink(f"/proc/{entry}/cwd") != str(folder):
                continue
            program = Path(os.readlink(f"/proc/{entry}/exe").removesuffix(" (deleted)")).name
        except OSError:  # gone meanwhile, or another user's
            continue
        if program.startswith(tuple(programs)):
            found.append(int(entry))
    return found


def end_leftovers(folder: Path, programs: Sequence[str], *signals: signal.Signals, patience: float = 10.0) -> None:
    """Stop what a killed run left working in ``folder``; the caller holds the folder's `Lock`."""
    for wanted in (*signals, signal.SIGKILL):
        if not (left := working_in(folder, programs)):
            return
        for pid in left:
            try:
                os.kill(pid, wanted)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + patience
        while working_in(folder, programs) and time.monotonic() < deadline:
            time.sleep(0.02)
