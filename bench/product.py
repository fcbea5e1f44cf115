"""chibo's own services in processes of their own, as `chibo serve` and `chibo up` run them, and what they are given."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.servers import Place
from deploy.local.credentials import Credentials
from deploy.local.embedded import Deployment, Servers
from shared.settings import SERVICES, Settings

HOUSE = Path(__file__).parents[1]
CHIBO = (sys.executable, "-c", "from deploy.local.cli import main; main()")
PATIENCE = 60.0  # seconds a process may take to answer


def deployment(place: Place) -> Deployment:
    """The services' databases and secrets on the servers of ``place``, which have to be the benchmark's own."""
    data = place.folder / "product"
    data.mkdir(exist_ok=True)
    return Deployment(data, Servers(place.postgres_url, place.redis_url), Credentials.of(data), joined=False)


def environment(settings: Settings) -> dict[str, str]:
    """``settings`` as a container is given them."""
    given = {
        "database_url": settings.database_url.get_secret_value(),
        "redis_url": settings.redis_url.get_secret_value(),
        "service_secret": settings.service_secret.get_secret_value(),
        "service_urls": json.dumps(settings.service_urls),
        "log_json": "false",
    }
    if settings.master_key is not None:
        given["master_key"] = settings.master_key.get_secret_value()
    return {f"CHIBO_{name.upper()}": value for name, value in given.items()}


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on at this moment."""
    taken = [socket.socket() for _ in range(count)]
    for one in taken:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


@contextmanager
def process(*command: str, log: Path, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Runs ``command`` with our modules; stopped afterwards as an operator would."""
    paths = os.pathsep.join(filter(None, (str(HOUSE), os.environ.get("PYTHONPATH"))))
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {}), "PYTHONPATH": paths},
            start_new_session=True,
        )
    try:
        yield child
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_for(address: str, child: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when ``address`` answers with 200. Raises RuntimeError with what the process said when it does not."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and child.poll() is None:
        try:
            if httpx.get(address, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.01)
    raise RuntimeError(f"{address} does not answer: {log.read_text()[-2000:]}")


def addresses(ports: Mapping[str, int]) -> dict[str, str]:
    """Every service's address: of those that do not run here, one where nobody answers."""
    return {service: f"http://127.0.0.1:{ports.get(service, 9)}" for service in SERVICES}
