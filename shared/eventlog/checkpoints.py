"""A checkpoint of each partition: its origin, and what today's log says to one that was signed before."""

from dataclasses import dataclass
from typing import Literal

from shared.eventlog.chain import from_canonical
from shared.eventlog.model import Stored, Verification
from shared.transparency.checkpoint import Checkpoint
from shared.transparency.note import NoteError, VerifierKey
from shared.transparency.proof import Proof


class Elsewhere(NoteError):
    """It is about another deployment's log, or about something else than its origin says."""


@dataclass(frozen=True, slots=True)
class Log:
    """Of which log a checkpoint speaks: one partition of one service. ``str`` is the checkpoint's origin."""

    deployment: str  # the name of its key
    service: str
    partition: int

    def __str__(self) -> str:
        return f"{self.deployment}/{self.service}/{self.partition}"

    @classmethod
    def parse(cls, origin: str, deployment: str) -> "Log":
        """The inverse of ``str``. Raises `Elsewhere`."""
        service, _, partition = origin.removeprefix(f"{deployment}/").partition("/")
        if service and partition.isdecimal() and str(log := cls(deployment, service, int(partition))) == origin:
            return log
        raise Elsewhere(origin)


def answer(signed: Checkpoint, partition: int, now: Verification) -> Literal["holds", "shrunk", "rewritten"]:
    """Whether the log still begins with the events the checkpoint is of. ``now`` was asked for that size.

    Stronger than a consistency proof: every event was read and hashed anew.
    """
    root = now.roots.get((partition, signed.size))
    if root is None:
        return "shrunk"
    return "holds" if root == signed.root else "rewritten"


def proven(proof: Proof, key: VerifierKey) -> tuple[Stored, Checkpoint]:
    """The event that ``proof`` shows to stand in the log, and the checkpoint it does so by; nothing else is needed.

    Raises `NoteError`.
    """
    signed = proof.check(key)
    log = Log.parse(signed.origin, key.name)
    try:
        event = from_canonical(log.service, proof.entry)
    except ValueError as error:
        raise Elsewhere(f"{signed.origin}: {error}") from None
    if (event.partition, event.position) != (log.partition, proof.index + 1):
        raise Elsewhere(f"{signed.origin}: the event says it is {event.partition}.{event.position}")
    return event, signed
