"""The secrets of a compose deployment: made once, kept in one volume, handed out piece by piece by `setup`."""

import base64
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from deploy.local.credentials import checkpoint_key, owner_of
from shared.settings import SERVICES

FILE: Final = "secrets.json"


def _password() -> str:
    return secrets.token_urlsafe(32)


def _master_key() -> str:
    """32 bytes, base64url."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


GENERATED: Final[dict[str, Callable[[], str]]] = {
    "master_key": _master_key,  # wraps the persons' keys: losing it loses every name in the register
    "checkpoint_key": checkpoint_key,  # whoever has it can vouch for a log that was rewritten
    "service_secret": _password,
    "postgres": _password,
    "grafana": _password,
    **{f"database.{role}": _password for service in SERVICES for role in (service, owner_of(service))},
    **{f"redis.{service}": _password for service in SERVICES},
}
GIVEN: Final = ("smtp_url",)  # by the operator, or not at all


class Secrets:
    """Those kept in ``folder``; what is missing is made at once, what is there never changes by itself."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._kept: dict[str, str] = json.loads(self._file.read_text()) if self._file.exists() else {}
        missing = {name: make() for name, make in GENERATED.items() if name not in self._kept}
        if missing:
            self._keep(missing)

    def __getitem__(self, name: str) -> str:
        return self._kept[name]

    def get(self, name: str) -> str | None:
        return self._kept.get(name)

    def keep(self, name: str, value: str) -> None:
        """One of `GIVEN`; an empty value takes it away."""
        self._keep({name: value})

    def _keep(self, more: dict[str, str]) -> None:
        self._kept = {name: value for name, value in (self._kept | more).items() if value}
        write(self._file, json.dumps(self._kept, indent=1) + "\n", 0o400)


def write(file: Path, content: str, mode: int) -> None:
    """Whole or not at all, also when the machine stops meanwhile."""
    half = file.with_name(f".{file.name}.half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(content)
        out.flush()
        os.fchmod(out.fileno(), mode)
        os.fsync(out.fileno())
    half.replace(file)
