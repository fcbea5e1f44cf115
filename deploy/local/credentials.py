"""The secrets of an embedded deployment: made once, kept in the data folder where only its owner can read them."""

import base64
import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path

from deploy.local.fault import Fault
from shared.settings import SERVICES
from shared.transparency.note import SigningKey

FILE = "secrets.toml"
HEAD = """\
# Losing master_key loses every name in the members register. Back it up apart from the data.
# Whoever has checkpoint_key can vouch for a log that was rewritten. Nobody else needs it.
"""


@dataclass(frozen=True, slots=True)
class Credentials:
    master_key: str  # 32 bytes, base64url
    service_secret: str
    checkpoint_key: str  # a `SigningKey`
    roles: dict[str, str]  # PostgreSQL role -> password

    @classmethod
    def of(cls, data: Path) -> "Credentials":
        """Those of ``data``, made now if it has none. Raises `Fault` when others could read or we cannot."""
        file = data / FILE
        try:
            if not file.exists():
                _write(file, _made())
            if file.stat().st_mode & 0o077:
                raise Fault("secrets.open", path=file)
            told = tomllib.loads(file.read_text())
            credentials = cls(
                told["master_key"],
                told["service_secret"],
                told.get("checkpoint_key") or checkpoint_key(),
                told["roles"],
            )
            if "checkpoint_key" not in told:  # made before there were checkpoints
                _write(file, credentials)
            return credentials
        except PermissionError:
            raise Fault("data.not_writable", path=file) from None
        except (tomllib.TOMLDecodeError, KeyError):
            raise Fault("secrets.broken", path=file) from None


def owner_of(service: str) -> str:
    """The role that owns a service's tables and runs its migrations; the service itself runs as ``service``."""
    return f"{service}_owner"


def checkpoint_key() -> str:
    """A new one; its name, which every checkpoint bears, is the deployment's own."""
    return str(SigningKey.generate("chibo-"))


def _made() -> Credentials:
    roles = [name for service in SERVICES for name in (service, owner_of(service))]
    return Credentials(
        base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        secrets.token_urlsafe(32),
        checkpoint_key(),
        {role: secrets.token_urlsafe(24) for role in roles},
    )


def _write(file: Path, made: Credentials) -> None:
    lines = [
        f'master_key = "{made.master_key}"',
        f'service_secret = "{made.service_secret}"',
        f'checkpoint_key = "{made.checkpoint_key}"',
        "[roles]",
        *(f'{role} = "{password}"' for role, password in made.roles.items()),
    ]
    half = file.with_suffix(".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(HEAD + "\n".join(lines) + "\n")
        out.flush()
        os.fsync(out.fileno())
    half.rename(file)
