"""The secrets of an embedded deployment: made once, kept in the data folder where only its owner can read them."""

import base64
import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path

from deploy.local.fault import Fault
from shared.settings import SERVICES

FILE = "secrets.toml"
HEAD = "# Losing master_key loses every name in the members register. Back it up apart from the data.\n"


@dataclass(frozen=True, slots=True)
class Credentials:
    master_key: str  # 32 bytes, base64url
    service_secret: str
    roles: dict[str, str]  # PostgreSQL role -> password

    @classmethod
    def of(cls, data: Path) -> "Credentials":
        """Those of ``data``, made now if it has none. Raises `Fault` when others could read or we cannot."""
        file = data / FILE
        try:
            if not file.exists():
                _write(file)
            if file.stat().st_mode & 0o077:
                raise Fault("secrets.open", path=file)
            told = tomllib.loads(file.read_text())
            return cls(told["master_key"], told["service_secret"], told["roles"])
        except PermissionError:
            raise Fault("data.not_writable", path=file) from None
        except (tomllib.TOMLDecodeError, KeyError):
            raise Fault("secrets.broken", path=file) from None


def owner_of(service: str) -> str:
    """The role that owns a service's tables and runs its migrations; the service itself runs as ``service``."""
    return f"{service}_owner"


def _write(file: Path) -> None:
    roles = [name for service in SERVICES for name in (service, owner_of(service))]
    lines = [
        f'master_key = "{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}"',
        f'service_secret = "{secrets.token_urlsafe(32)}"',
        "[roles]",
        *(f'{role} = "{secrets.token_urlsafe(24)}"' for role in roles),
    ]
    half = file.with_suffix(".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(HEAD + "\n".join(lines) + "\n")
        out.flush()
        os.fsync(out.fileno())
    half.rename(file)
