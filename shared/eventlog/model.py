"""The words of the event log: what is appended, what is stored, what is read back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from shared.events import Event

E_co = TypeVar("E_co", bound=Event, covariant=True)

MOST_PARTITIONS = 1024
# what the columns hold: callers name positions, too
_POSITION = re.compile(r"(?P<service>[a-z]{1,32})\.(?P<partition>[0-9]{1,4})\.(?P<position>[0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Position:
    """Where an event stands: gap-free and in commit order within its service's partition. First is 1."""

    service: str
    partition: int
    position: int

    def __str__(self) -> str:
        return f"{self.service}.{self.partition}.{self.position}"

    @classmethod
    def parse(cls, text: str) -> "Position":
        """The inverse of ``str``. Raises ValueError."""
        if (found := _POSITION.fullmatch(text)) is None:
            raise ValueError(f"not a position: {text!r}")
        return cls(found["service"], int(found["partition"]), int(found["position"]))


@dataclass(frozen=True, slots=True)
class Command:
    """Who asks for what: travels into every event's metadata, and makes a repeat recognisable.

    ``key`` is the Idempotency-Key as the log stores it (scoped by the actor); ``fingerprint`` is the hash of the
    content, so that the same key with other content is a conflict. Without a key the command is not repeatable.
    """

    actor: str  # account id, or "system:<policy>"
    correlation: str
    key: str | None = None
    fingerprint: bytes | None = None
    causation: str | None = None  # the Position of the event that led to this, for policies
    entry: str = "live"  # how it came in: live | paper | simulated
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """Events for one stream, to be appended if the stream still is at ``expected_version`` (0: does not exist)."""

    stream: str
    expected_version: int
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Appended:
    """The answer to an append. ``repeated`` when the command's key had been answered before."""

    at: Position  # of the last event written; position 0 if the command wrote none
    versions: dict[str, int]  # stream -> its version now
    repeated: bool = False
    answer: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of an event besides its data. ``key`` is the partition key."""

    actor: str
    correlation: str
    key: str
    causation: str | None = None
    entry: str = "live"
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An event exactly as stored: ``data`` and ``metadata`` are the bytes that were hashed."""

    service: str
    partition: int
    position: int
    stream: str
    version: int
    type: str
    schema: int
    data: bytes
    metadata: bytes
    recorded_at: datetime
    hash: bytes


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E_co]):
    """A stored event, typed: what deciders fold and views apply."""

    at: Position
    stream: str
    version: int
    type: str
    data: E_co
    metadata: Metadata
    recorded_at: datetime  # when the log took it; when it happened is in the data


class LogError(Exception):
    """Base of what the log refuses."""


class StaleVersion(LogError):
    """Somebody else wrote to the stream first; nothing was written."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(f"{stream} is at version {actual}, not {expected}")
        self.stream, self.expected, self.actual = stream, expected, actual


class KeyReused(LogError):
    """The idempotency key was used before with other content; nothing was written."""

    def __init__(self, key: str) -> None:
        super().__init__(f"idempotency key {key!r} was used before with other content")
        self.key = key


class DifferentPartitions(LogError):
    """The command writes to streams that live in different partitions; nothing was written."""


class UnknownOutcome(LogError):
    """The connection broke around COMMIT and the command carried no key to look it up by."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first event of a partition that does not fit, as `EventLog.verify` found it."""

    partition: int
    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Extension:
    """The roots of a partition's first ``old`` events and of its first ``size``, and the consistency proof between."""

    old: int
    old_root: bytes
    size: int
    root: bytes
    path: tuple[bytes, ...]


class Misfit(LogError):
    """Reading from the first event on, ``broken`` does not fit what came before it."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(f"{broken.partition}.{broken.position}: {broken.reason}")
        self.broken = broken


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of recomputing every hash: how many events per partition, and what does not fit (empty: all does).

    ``roots`` are those of the partitions' Merkle trees: (partition, size) -> root, for all of the ``events`` that fit,
    and for every size that was asked for and reached.
    """

    events: dict[int, int]
    broken: list[Broken] = field(default_factory=list)
    roots: dict[tuple[int, int], bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inclusion:
    """An event's canonical form, and the nodes beside its way up to the root of its partition's first events."""

    entry: bytes
    size: int  # how many events
    path: tuple[bytes, ...]
    root: bytes
