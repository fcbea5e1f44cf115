"""What all tests of this room share."""

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.servers import server_folder

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def english_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIBO_LANGUAGE", "en")


@pytest.fixture
def folder() -> Iterator[Path]:
    with server_folder() as made:
        yield made


@pytest.fixture
def chibo(folder: Path) -> Run:
    """The command as typed at a terminal, in a folder of its own and without settings."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CHIBO_")}
        return subprocess.run(
            [sys.executable, "-c", "from deploy.local.cli import main; main()", *arguments],
            cwd=folder,
            env=clean | {"CHIBO_LANGUAGE": "en", "PYTHONPATH": os.getcwd()} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def environment(database: str, redis_url: str) -> dict[str, str]:
    """The settings of members, as its container has them."""
    return {
        "CHIBO_SERVICE": "members",
        "CHIBO_DATABASE_URL": database,
        "CHIBO_REDIS_URL": redis_url,
        "CHIBO_SERVICE_SECRET": secrets.token_urlsafe(32),
        "CHIBO_MASTER_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "CHIBO_SERVICE_URLS": '{"meetings": "http://x", "inspection": "http://x", "notifications": "http://x"}',
    }
