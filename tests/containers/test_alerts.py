"""The alerts of one server do what their names say: Prometheus' own tool plays what happens and looks what is told."""

import subprocess
from pathlib import Path

import pytest

ROOM = Path(__file__).parents[2] / "deploy" / "compose"
PLAY = "mkdir /tmp/t && cp /compose/alerts.yml /compose/tests/alerts_test.yml /tmp/t && cd /tmp/t && promtool"

pytestmark = pytest.mark.containers


@pytest.mark.parametrize("job", ["check rules alerts.yml", "test rules alerts_test.yml"])
def test_the_alerts_tell_what_happens_and_nothing_else(job: str) -> None:
    container = ("docker", "run", "--rm", "--entrypoint", "sh", "-v", f"{ROOM}:/compose:ro", "prom/prometheus:latest")
    told = subprocess.run(
        (*container, "-c", f"{PLAY} {job}"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
