"""`docker-compose up` for real: built, started, loaded, tried from the outside, taken down without a trace."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from deploy.local.dispatch import NOT_FROM_OUTSIDE

HOUSE = Path(__file__).parents[2]
STARTED = ("caddy", "prometheus")  # and with them all they wait for; Grafana's image is not to be had everywhere
IMAGES = ("python:3.11-slim", "postgres:18", "redis:7", "caddy:2", "prom/prometheus:latest")
MINUTE = 60.0

pytestmark = [pytest.mark.containers, pytest.mark.timeout(25 * MINUTE), pytest.mark.xdist_group("containers")]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Project:
    command: tuple[str, ...]
    port: int = field(default_factory=free_port)
    name: str = field(default_factory=lambda: f"chibo-test-{secrets.token_hex(4)}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def compose(self, *words: str) -> str:
        """What docker-compose prints. Raises `CalledProcessError`, with the complaint in the test's report."""
        told = subprocess.run(
            (*self.command, "-p", self.name, *words),
            cwd=HOUSE,
            env=os.environ | {"CHIBO_PORT": str(self.port), "CHIBO_PUBLIC_URL": self.url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert told.returncode == 0, f"{' '.join(words)}:\n{told.stdout[-3000:]}"
        return told.stdout


def compose_command() -> tuple[str, ...] | None:
    """None: there is nothing that reads a compose file."""
    candidates = (("docker", "compose"), ("docker-compose",))
    works = (
        one for one in candidates if not subprocess.run((*one, "version"), capture_output=True, check=False).returncode
    )
    return next(works, None)


def had(image: str) -> bool:
    """Whether the engine has an image, or can get it."""
    tries = (("docker", "image", "inspect", image), ("docker", "pull", "-q", image))
    return any(not subprocess.run(one, capture_output=True, check=False).returncode for one in tries)


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    command = compose_command()
    if command is None:
        pytest.skip("docker-compose is missing: the compose deployment is not tried")
    for image in IMAGES:
        if not had(image):
            pytest.skip(f"{image} is not here and cannot be pulled: the compose deployment is not tried")
    started = Project(command)
    try:
        started.compose("build", "setup")
        started.compose("up", "-d", "--no-build", *STARTED)
        started.compose("run", "--rm", "-T", "demo")
        yield started
    finally:
        started.compose("down", "-v", "--remove-orphans", "-t", "10")


def test_the_end_to_end_tests_pass(project: Project) -> None:
    told = subprocess.run(
        (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/e2e"),
        cwd=HOUSE,
        env=os.environ | {"CHIBO_E2E_URL": project.url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-5000:]


@pytest.mark.parametrize("path", [*NOT_FROM_OUTSIDE, "/internal/events", "/health/ready"])
def test_the_inner_side_is_not_there_for_the_world(project: Project, path: str) -> None:
    assert httpx.get(f"{project.url}{path}").status_code == 404


def test_both_containers_of_every_service_are_measured(project: Project) -> None:
    told = project.compose(
        "exec", "-T", "prometheus", "promtool", "query", "instant", "http://127.0.0.1:9090", "sum(up)"
    )
    assert " => 8 @" in told


def test_every_process_runs_without_a_right_to_spare(project: Project) -> None:
    for name in ("members-api", "meetings-worker"):
        told = project.compose("exec", "-T", name, "cat", "/proc/self/status")
        status = dict(line.split(":\t", 1) for line in told.splitlines() if ":\t" in line)
        assert status["Uid"].split() == ["10001"] * 4
        assert (status["CapBnd"], status["NoNewPrivs"]) == ("0" * 16, "1")


def test_no_secret_is_shown_by_the_engine_or_in_the_logs(project: Project) -> None:
    kept = [
        project.compose("run", "--rm", "-T", "setup", "show", name).splitlines()[-1]
        for name in ("master_key", "database.members")
    ]
    shown = project.compose("logs", "--no-color")
    containers = project.compose("ps", "-q").split()
    shown += subprocess.run(("docker", "inspect", *containers), capture_output=True, text=True, check=True).stdout
    assert not [secret for secret in kept if secret in shown]


def test_every_event_fits_its_hash(project: Project) -> None:
    assert project.compose("run", "--rm", "-T", "chibo", "verify").count("every hash fits") == 4


def test_it_comes_back_with_what_was_recorded(project: Project) -> None:
    """Stopped and started again, as an upgrade does."""
    before = project.compose("run", "--rm", "-T", "chibo", "verify").splitlines()[-4:]
    project.compose("down", "-t", "10")
    project.compose("up", "-d", "--no-build", *STARTED)
    after = project.compose("run", "--rm", "-T", "chibo", "verify").splitlines()[-4:]
    assert after == before
