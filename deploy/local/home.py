"""The folder one server lives in: its data, its socket, its log, and the lock that keeps a second one out."""

import hashlib
import os
import re
import secrets
import shutil
import tempfile
from pathlib import Path

from deploy.local.account import server_account
from deploy.local.fault import Fault
from deploy.local.process import Lock

SOCKET_PATH_LIMIT = 90  # bytes; Linux takes 107, the server adds its file name
NEEDED_MB = 200  # a fresh PostgreSQL takes 40
ELSEWHERE = Path("/var/lib/chibo")  # for a root user whose folder is closed to others, and stays so


class Home:
    """Prepares ``named`` for a server. Raises `Fault`: in use by another chibo, not writable, no room left.

    When the server's account cannot get to ``named``, the server lives in a folder below `ELSEWHERE`, and ``named``
    keeps a note of where.
    """

    def __init__(self, named: Path) -> None:
        make_folder(named)
        named = named.resolve()
        self.lock = Lock(named / "lock")
        try:
            place = _noted(named)
            self.account = server_account((place or named) / "data")
            self.path = place or (named if self.account.reaches(named) else _elsewhere(named))
            self.log = self.path / "server.log"
            self.data = self.path / "data"
            if self._free_mb() < NEEDED_MB:
                raise self._full()
        except BaseException:
            self.lock.release()
            raise

    def sockets(self) -> Path:
        """Makes sure that only we and the server can enter it."""
        return self.account.own(sockets_below(self.path))

    def refusal(self, program: str) -> Fault:
        """Why the server did not start, from its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        if any("No space left" in line for line in lines):
            return self._full()
        told = [
            found[1] for line in lines if (found := re.search(r"((FATAL|PANIC|LOG:  [a-z ]*error|error):? .*)", line))
        ]
        return Fault("server.failed", program=program, reason=(told or lines or ["?"])[0].strip(), log=self.log)

    def release(self) -> None:
        if (outside := sockets_below(self.path)).parent != self.path:
            shutil.rmtree(outside, ignore_errors=True)
        self.lock.release()

    def _free_mb(self) -> int:
        disk = os.statvfs(self.path)
        return disk.f_bavail * disk.f_frsize // 2**20

    def _full(self) -> Fault:
        return Fault("server.full", path=self.path, free=self._free_mb(), needed=NEEDED_MB)


def sockets_below(place: Path) -> Path:
    """Where the server in ``place`` has its sockets: short enough for a socket's address."""
    inside = place / "run"
    if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    token = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"chibo-{token}"


def sockets_of(named: Path) -> Path:
    """The same for the folder somebody named, without making or locking anything."""
    return sockets_below(_noted(named) or named.resolve())


def make_folder(path: Path) -> None:
    """Like mkdir -p, but what is made can be passed through (not listed) under any umask. Raises `Fault`."""
    missing = [step for step in (path, *path.parents) if not step.exists()]
    try:
        for step in reversed(missing):
            step.mkdir(exist_ok=True)
            step.chmod(0o711)
    except OSError:
        raise Fault("data.not_writable", path=path) from None


def _noted(named: Path) -> Path | None:
    note = named / "lives-in"
    return Path(note.read_text().strip()) if note.exists() else None


def _elsewhere(named: Path) -> Path:
    make_folder(ELSEWHERE)
    place = ELSEWHERE.resolve() / secrets.token_hex(8)
    make_folder(place)
    (place / "belongs-to").write_text(f"{named}\n")
    (named / "lives-in").write_text(f"{place}\n")
    return place


def elsewhere() -> list[Path]:
    """The places below `ELSEWHERE` that we can see."""
    try:
        return [place for place in ELSEWHERE.iterdir() if (place / "belongs-to").exists()]
    except OSError:
        return []
