"""The four services as containers run them: each api and each worker a process of its own, on servers of their own.

Everything here can be killed outright and started again; nothing of ours is in the test's own process.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import asyncpg
import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.credentials import Credentials
from deploy.local.embedded import Deployment, Servers
from deploy.local.postgres import Postgres
from deploy.local.process import LAUNCHER
from deploy.local.redis import Redis
from deploy.local.server import Server
from shared.settings import SERVICES
from tests.support.servers import server_folder

PATIENCE = 90.0  # seconds until everything is as it should be again, on a busy machine
CHIBO = (sys.executable, "-c", "from deploy.local.cli import main; main()")


def until(holds: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Look again until it holds. Raises `AssertionError`."""
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, f"not within {patience:.0f} s: {what}"
        time.sleep(0.05)


@dataclass
class Process:
    """One ``chibo serve``; it keeps its port and its log when it is killed and started again."""

    service: str
    role: Literal["api", "worker"]
    environment: Mapping[str, str]
    log: Path
    http: httpx.Client
    port: int = field(default_factory=lambda: free_port())
    child: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns at once; the process ends with us, however we end."""
        end_with_us = (os.getpid(), int(signal.SIGKILL), os.getuid(), os.getgid())
        words = ("serve", self.service, "--role", self.role, "--host", "127.0.0.1", "--port", self.port)
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                [str(word) for word in (sys.executable, "-I", "-S", LAUNCHER, *end_with_us, *CHIBO, *words)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL: no goodbye to anybody."""
        assert self.child is not None
        self.child.kill()
        self.child.wait()
        self.child = None

    def wrong(self) -> list[str]:
        """What keeps it from being ready; empty when nothing does."""
        try:
            told = self.http.get(f"{self.url}/health/ready").json()
        except httpx.TransportError as error:
            return [f"{self.service} {self.role}: {error!r}"]
        return [f"{self.service} {self.role}: {one}" for one in told["wrong"]]

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that carry ``labels``; 0 when there is none."""
        told = self.http.get(f"{self.url}/metrics").text
        return sum(
            sample.value
            for family in text_string_to_metric_families(told)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


class Fleet:
    """All processes and both servers. ``data`` is an embedded deployment's folder, so that its tools can be used."""

    def __init__(self, data: Path) -> None:
        self.postgres = Postgres(data / "postgres")  # durable: what was acknowledged has to survive
        self.redis = Redis(data / "redis")
        self.postgres_log = data / "postgres" / "server.log"
        self._data = data
        self.processes: list[Process] = []
        self._http = httpx.Client(timeout=10, limits=httpx.Limits(max_keepalive_connections=0))

    @contextmanager
    def running(self) -> "Iterator[Fleet]":
        try:
            for server in (self.postgres, self.redis):
                server.start()
            for server in (self.postgres, self.redis):
                server.wait()
            credentials = Credentials.of(self._data)
            self.deployment = Deployment(
                self._data, Servers(self.postgres.url(), self.redis.url()), credentials, joined=False
            )
            self._hand_out()
            yield self
        finally:
            for process in self.processes:
                if process.child is not None:
                    process.kill()
            for server in (self.postgres, self.redis):
                if server.pid is not None:
                    self.kill(server, signal.SIGQUIT)  # what it keeps goes, too
            self._http.close()

    def _hand_out(self) -> None:
        """Each service's settings in files, as its container gets them; the whole folder is the operator's."""
        secrets = self._data / "secrets"
        apis = {service: free_port() for service in SERVICES}
        urls = {service: f"http://127.0.0.1:{port}" for service, port in apis.items()}
        self.environment = {
            "CHIBO_SECRETS": str(secrets),
            "CHIBO_SERVICE_URLS": json.dumps(urls),
            "CHIBO_LANGUAGE": "en",
            "CHIBO_LOG_JSON": "true",
        }
        for service in SERVICES:
            settings = self.deployment.settings(service)
            folder = secrets / service
            folder.mkdir(parents=True, mode=0o700)
            for name in ("database_url", "migration_url", "redis_url", "service_secret", "master_key"):
                if value := getattr(settings, name):
                    (folder / f"chibo_{name}").write_text(value.get_secret_value())
            own = {**self.environment, "CHIBO_SECRETS": str(folder), "CHIBO_SERVICE": service}
            self.processes += [
                Process(service, "api", own, self._data / f"{service}-api.log", self._http, apis[service]),
                Process(service, "worker", own, self._data / f"{service}-worker.log", self._http),
            ]

    def start(self) -> None:
        """Start what is not running, and wait until all is ready."""
        for server in (self.postgres, self.redis):
            if server.pid is None:
                self.revive(server)
        for process in self.processes:
            if process.child is None:
                process.start()
        self.ready()

    def ready(self) -> None:
        """Wait until nothing is wrong any more."""
        end = time.monotonic() + PATIENCE
        while wrong := self.wrong():
            assert time.monotonic() < end, wrong
            time.sleep(0.05)

    def wrong(self) -> list[str]:
        return [line for process in self.processes for line in process.wrong()]

    def of(self, role: str) -> list[Process]:
        return [process for process in self.processes if process.role == role]

    def one(self, service: str, role: str) -> Process:
        return next(process for process in self.of(role) if process.service == service)

    def metric(self, name: str, **labels: str) -> float:
        """The sum over all processes."""
        return sum(process.metric(name, **labels) for process in self.processes)

    def kill(self, server: Server, how: signal.Signals = signal.SIGKILL) -> None:
        """The end of PostgreSQL or of Redis; SIGQUIT: PostgreSQL's own processes still end with it, nothing more."""
        assert server.pid is not None
        os.kill(server.pid, how)
        server.stop()  # waits, and takes note of it

    def revive(self, server: Server) -> None:
        server.start()
        server.wait()

    @contextmanager
    def reinforced(self, *services: str) -> Iterator[list[Process]]:
        """A second worker of each of ``services``, on the same partitions."""
        more = []
        for service in services:
            first = self.one(service, "worker")
            log = first.log.with_stem(f"{service}-second")
            more.append(Process(service, "worker", first.environment, log, self._http))
        self.processes += more
        try:
            self.start()
            yield more
        finally:
            for process in more:
                self.processes.remove(process)
                if process.child is not None:
                    process.kill()

    def lose_the_file(self) -> None:
        """Of Redis, while it is not running."""
        kept = list((self._data / "redis" / "data").iterdir())
        assert kept
        for one in kept:
            shutil.rmtree(one) if one.is_dir() else one.unlink()

    def chibo(self, *words: str) -> str:
        """What an operator's command says. Raises `CalledProcessError`."""
        environment = {**os.environ, **self.environment}
        told = subprocess.run(
            (*CHIBO, *words), capture_output=True, text=True, check=True, env=environment, timeout=PATIENCE
        )
        return told.stdout

    async def connect(self, service: str) -> asyncpg.Connection:
        """To a service's database, as the server's owner."""
        return await asyncpg.connect(self.postgres.url(service))

    def transport(self) -> httpx.BaseTransport:
        """One origin for all services, as Caddy makes it."""
        return _Origin({process.service: process.port for process in self.of("api")})


class _Origin(httpx.BaseTransport):
    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports, self._network = ports, httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        service = request.url.path.split("/")[1]
        request.url = request.url.copy_with(host="127.0.0.1", port=self._ports.get(service, self._ports["members"]))
        return self._network.handle_request(request)

    def close(self) -> None:
        self._network.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def some_fleet() -> Iterator[Fleet]:
    """Servers started and databases made; no service runs yet."""
    with server_folder() as folder:
        data = folder / "data"
        data.mkdir(mode=0o711)
        with Fleet(data).running() as fleet:
            yield fleet
