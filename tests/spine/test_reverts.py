"""Well-known bugs are put back, one at a time: the check that is named for each of them fails, and for that reason."""

import os
import re
import subprocess
import sys

import pytest

from tests.spine.reverts import bug, names

OPTIONS = (
    *("-p", "no:cacheprovider"),
    *("-p", "no:schemathesis"),
    *("-o", "timeout=60"),
    *("-o", "verbosity_assertions=2"),
    "--show-capture=no",
)


def _pytest(config: pytest.Config, postgres_url: str, redis_url: str, *given: str) -> subprocess.CompletedProcess[str]:
    """A run of its own with our servers."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, *given],
        cwd=config.rootpath,
        env={**inherited, "CHIBO_POSTGRES_URL": postgres_url, "CHIBO_REDIS_URL": redis_url, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if bug(name).quick else pytest.mark.faults) for name in names()]
)
def test_the_named_check_finds_the_bug(
    name: str, pytestconfig: pytest.Config, postgres_url: str, redis_url: str
) -> None:
    known = bug(name)
    run = _pytest(pytestconfig, postgres_url, redis_url, "-p", "tests.spine.reverts.plugin", "--bug", name, known.check)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout + run.stderr
    assert "1 failed" in run.stdout
    assert re.search(known.fails_with, run.stdout), run.stdout


@pytest.mark.faults
def test_without_the_bugs_every_named_check_passes(
    pytestconfig: pytest.Config, postgres_url: str, redis_url: str
) -> None:
    run = _pytest(pytestconfig, postgres_url, redis_url, *sorted({bug(name).check for name in names()}))
    assert run.returncode == pytest.ExitCode.OK, run.stdout + run.stderr
