"""A whole deployment to try from the outside: the one `CHIBO_E2E_URL` names, else one that is started for the run."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import server_folder

PATIENCE = 300.0  # seconds for the demonstration to be loaded on a busy machine
FAREWELL = 30.0
COMMAND = (sys.executable, "-c", "from deploy.local.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Deployment:
    """``data`` is the folder of an embedded deployment; None: its logs are out of our reach."""

    url: str
    data: Path | None = None

    def chibo(self, *words: str) -> str:
        """What an operator's command says on this data. Raises `CalledProcessError`."""
        assert self.data is not None
        told = subprocess.run((*COMMAND, *words, "--data", str(self.data)), capture_output=True, text=True, check=True)
        return told.stdout


@contextmanager
def some_deployment() -> Iterator[Deployment]:
    if url := os.environ.get("CHIBO_E2E_URL"):
        yield Deployment(url.rstrip("/"))
        return
    with server_folder() as folder:
        data, told = folder / "data", folder / "told"
        with told.open("w") as output:
            words = ("up", "--demo", "--port", "0", "--data", str(data))
            process = subprocess.Popen((*COMMAND, *words), stdout=output, stderr=output, start_new_session=True)
        try:
            yield Deployment(_address(process, told), data)
        finally:
            process.terminate()
            process.wait(FAREWELL)


def _address(process: "subprocess.Popen[bytes]", told: Path) -> str:
    """The address `chibo up` prints when everything is there."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := re.search(r"http://[\w.]+:\d+", told.read_text()):
            return found[0]
        try:
            process.wait(0.25)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"chibo up did not come up:\n{told.read_text()[-3000:]}")
