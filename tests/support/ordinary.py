"""Running something as an ordinary user, whoever runs the tests."""

import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.local.account import Account, server_account


@dataclass(frozen=True, slots=True)
class Ordinary:
    """An ordinary user with a Python it can run; ``become`` and ``environment`` are for `subprocess`."""

    account: Account
    python: Path

    @property
    def become(self) -> dict[str, Any]:
        if self.account.is_us:
            return {}
        return {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}

    def environment(self, home: Path) -> dict[str, str]:
        packages = os.pathsep.join([os.getcwd(), sysconfig.get_path("purelib")])
        return {"HOME": str(home), "TMPDIR": str(home), "PATH": os.defpath, "PYTHONPATH": packages}


def ordinary_user() -> Ordinary:
    """Ourselves, or when we are root an unprivileged user; a root user's own Python may be closed to it."""
    account = server_account(Path("/nonexistent"))
    same = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (Path(sys.executable), Path("/usr/bin") / same, Path("/usr/local/bin") / same):
        if python.exists() and account.reaches(python.resolve().parent) and account.reaches(Path.cwd().resolve()):
            return Ordinary(account, python)
    pytest.skip(f"no {same} that an ordinary user can run")
