"""What the commands about the event logs share: the logs, the key of their checkpoints, files of notes."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.cli.check import existing
from deploy.local.cli.inside import reaching
from deploy.local.fault import Fault, say

if TYPE_CHECKING:
    from shared.eventlog import Broken, EventLog
    from shared.eventlog.checkpoints import Log
    from shared.settings import Settings
    from shared.transparency.checkpoint import Checkpoint
    from shared.transparency.note import NoteError, SigningKey, VerifierKey

Progress = Callable[[int, int], None]
STANDARD = Path("-")  # as a file name: standard input


@dataclass(frozen=True, slots=True)
class Logs:
    """Where the logs are that this command can reach, and the deployment's key, if it is here."""

    settings: tuple["Settings", ...]
    key: "SigningKey | None"

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(settings.service for settings in self.settings)

    def signer(self) -> "SigningKey":
        """Raises `Fault` when the key is not here."""
        if self.key is None:
            raise Fault("checkpoint.no_key")
        return self.key

    @contextlib.asynccontextmanager
    async def open(self, service: str) -> "AsyncIterator[tuple[EventLog, Progress]]":
        """One of them, with something to tell of progress."""
        import asyncpg
        from rich.console import Console
        from rich.progress import Progress as Shown
        from rich.progress import SpinnerColumn, TextColumn

        from shared.eventlog import EventLog

        url = next(known.database_url for known in self.settings if known.service == service).get_secret_value()
        columns = SpinnerColumn(), TextColumn("{task.description} {task.completed}")
        console = Console(stderr=True)
        with Shown(*columns, transient=True, console=console, disable=not console.is_terminal) as shown:
            bar = shown.add_task(service, total=None)
            async with asyncpg.create_pool(url, min_size=1, max_size=2) as pool:
                yield await EventLog.open(pool, service), lambda _, position: shown.update(bar, completed=position)


def with_logs(data: Path, work: Callable[[Logs], Coroutine[None, None, None]]) -> None:
    """Do ``work`` on the logs the environment configures, else on those in ``data``, running or not. Raises `Fault`."""
    from deploy.local.embedded import deployment
    from shared.settings import SERVICES

    existing(data)
    with reaching():
        if settings := _configured():
            asyncio.run(work(Logs(settings, _key(settings[0].checkpoint_key))))
            return
        with deployment(data, join=True) as own:
            key = _key(own.credentials.checkpoint_key)
            asyncio.run(work(Logs(tuple(own.settings(service) for service in SERVICES), key)))


def deployments_key(data: Path) -> "SigningKey | None":
    """Without starting anything."""
    from deploy.local.credentials import Credentials

    existing(data)
    if settings := _configured():
        return _key(settings[0].checkpoint_key)
    return _key(Credentials.of(data).checkpoint_key) if data.exists() else None


def whose(key: str | None, own: Callable[[], "SigningKey | None"]) -> "VerifierKey":
    """The public key given, as text or in a file; else the deployment's own. Raises `Fault`."""
    from shared.transparency.note import Malformed, VerifierKey

    if key is None:
        if (found := own()) is None:
            raise Fault("checkpoint.no_key")
        return found.verifier
    with contextlib.suppress(OSError):  # a key is no name of a file, and may be too long for one
        if Path(key).is_file():
            key = Path(key).read_text()
    try:
        return VerifierKey.parse(key.strip())
    except Malformed as error:
        raise Fault("checkpoint.bad_key", reason=error) from None


def read(file: Path) -> str:
    """A text file, or standard input. Raises `Fault`."""
    try:
        return (sys.stdin.buffer.read() if file == STANDARD else file.read_bytes()).decode()
    except OSError as error:
        raise Fault("file.unreadable", path=file, reason=error.strerror) from None
    except UnicodeDecodeError:
        raise Fault("checkpoint.garbled", path=file, number=1, reason="not UTF-8") from None


def write(file: Path | None, text: str) -> None:
    """Into a file that must not exist yet: it may be evidence. Or to standard output. Raises `Fault`."""
    if file is None:
        sys.stdout.write(text)
        return
    try:
        with file.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except FileExistsError:
        raise Fault("file.exists", path=file) from None
    except OSError as error:
        raise Fault("file.not_writable", path=file, reason=error.strerror) from None


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint of a file, found to be signed by the key, as the note it came in."""

    log: "Log"
    checkpoint: "Checkpoint"
    note: str


def checkpoints(file: Path, key: "VerifierKey") -> list[Signed]:
    """Those of a file. Raises `Fault`, which names the first note that is not to be believed and why."""
    from shared.eventlog.checkpoints import Log
    from shared.transparency.checkpoint import Checkpoint, split_notes
    from shared.transparency.note import NoteError, open_note

    found: list[Signed] = []
    try:
        for note in split_notes(read(file)):
            signed = Checkpoint.parse(open_note(note, key))
            found.append(Signed(Log.parse(signed.origin, key.name), signed, note))
    except NoteError as error:
        raise disbelief(error, file, key, len(found) + 1) from None
    return found


def disbelief(error: "NoteError", file: Path, key: "VerifierKey", number: int = 1) -> Fault:
    """Why what a file says is not to be believed. ``number``: which of its checkpoints."""
    from shared.eventlog.checkpoints import Elsewhere
    from shared.transparency.growth import NotGrown
    from shared.transparency.note import BadSignature, ForeignKey
    from shared.transparency.proof import NotIncluded

    match error:
        case ForeignKey(signers=signers):
            return Fault("checkpoint.foreign", path=file, number=number, signers=", ".join(signers), key=key)
        case BadSignature():
            return Fault("checkpoint.forged", path=file, number=number, name=key.name)
        case Elsewhere():
            return Fault("checkpoint.elsewhere", path=file, number=number, origin=error)
        case NotIncluded():
            return Fault("proof.wrong", path=file)
        case NotGrown():
            return Fault("growth.wrong", path=file, reason=error)
    return Fault("checkpoint.garbled", path=file, number=number, reason=error)


def misfits(service: str, broken: "list[Broken]") -> Iterator[str]:
    """A line for each."""
    for found in broken:
        yield say(
            "verify.misfit",
            service=service,
            partition=found.partition,
            position=found.position,
            reason=found.reason,
        )


def _configured() -> tuple["Settings", ...]:
    from deploy.local.embedded import configured, from_environment

    return tuple(from_environment(service) for service in configured())


def _key(text: object) -> "SigningKey | None":
    from pydantic import SecretStr

    from shared.transparency.note import Malformed, SigningKey

    if text is None:
        return None
    try:
        return SigningKey.parse(text.get_secret_value() if isinstance(text, SecretStr) else str(text))
    except Malformed as error:
        raise Fault("checkpoint.bad_key", reason=error) from None
