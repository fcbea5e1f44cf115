"""Programs that came inside wheels: found without importing them, and made runnable for the server's account."""

import importlib.metadata
import importlib.util
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from deploy.local.home import Home


def folder_of(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    return None if found is None or found.origin is None else Path(found.origin).parent


def runnable(root: Path, parts: Sequence[str], home: Home) -> Path:
    """A folder that has ``parts`` of ``root`` where the server's account can run them: ``root``, or a copy in ``home``.

    The parts keep their places to each other: the programs find their libraries relative to themselves.
    """
    if all(home.account.runs(root / part) for part in parts):
        return root
    package = Path(parts[0]).parts[0]
    copy = home.path / f"{package}-{importlib.metadata.version(package)}"
    if not copy.exists():
        for outdated in home.path.glob(f"{package}-*"):
            shutil.rmtree(outdated)
        half = home.path / f"{package}-half"
        for part in parts:
            shutil.copytree(root / part, half / part, ignore=shutil.ignore_patterns("include", "*.a"))
        _let_everybody_read(half)
        half.rename(copy)
    return copy


def _let_everybody_read(copy: Path) -> None:
    """The originals may be closed to others by the umask they were installed under."""
    for path in (copy, *copy.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if mode & stat.S_IXUSR else 0o044))
