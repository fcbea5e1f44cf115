"""The real servers the tests run against, in folders that are gone afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.account import server_account

PREFIX = "chibo-test-"


@contextmanager
def server_folder() -> Iterator[Path]:
    """A fresh folder a server can live in, also when we are root and TMPDIR is closed to the server's account."""
    account = server_account(Path("/nonexistent"))
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    parent = next(place for place in candidates if account.reaches(place.resolve()))
    _sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _sweep(parent: Path) -> None:
    """Remove what runs that were killed outright could not."""
    for left in parent.glob(f"{PREFIX}*-*"):
        pid = left.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)
