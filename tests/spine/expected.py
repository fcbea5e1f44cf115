"""What the spine must come to, in memory: plain lists and one fold. Nothing here knows a database or a stream."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.eventlog import StaleVersion

Changes = Mapping[str, tuple[int, Sequence[str]]]
"""Stream -> the version it is expected to have, and the texts to record in it."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text that was recorded: as which version of its stream."""

    stream: str
    version: int
    text: str


@dataclass
class Log:
    """Streams of texts, each at home in one partition; a partition holds them in the order they were recorded."""

    home: Mapping[str, int]  # stream -> partition
    partitions: dict[int, list[Said]] = field(default_factory=dict)

    def version(self, stream: str) -> int:
        return sum(said.stream == stream for said in self.partitions.get(self.home[stream], ()))

    def append(self, changes: Changes) -> list[Said]:
        """What is recorded. Raises `StaleVersion`, and then nothing is."""
        for stream, (expected, _) in changes.items():
            if expected != self.version(stream):
                raise StaleVersion(stream, expected, self.version(stream))
        recorded = [
            Said(stream, expected + number, text)
            for stream, (expected, texts) in changes.items()
            for number, text in enumerate(texts, 1)
        ]
        for said in recorded:
            self.partitions.setdefault(self.home[said.stream], []).append(said)
        return recorded


@dataclass
class Follower:
    """What a subscription has applied, in order, and what waits for an operator. ``poison``: texts it cannot apply."""

    poison: set[str]
    applied: list[Said] = field(default_factory=list)
    parked: dict[str, list[Said]] = field(default_factory=dict)  # by stream, in order; never an empty list
    skipped: set[Said] = field(default_factory=set)

    def arrive(self, said: Said) -> None:
        if said.stream not in self.parked and said.text not in self.poison:
            self.applied.append(said)
            self.skipped.discard(said)
        elif said not in self.skipped:
            self.parked.setdefault(said.stream, []).append(said)

    def retry(self, stream: str) -> int | None:
        """How many could be applied now; None when one of them still cannot."""
        waiting, done = self.parked.pop(stream, []), 0
        while waiting:
            if waiting[0].text in self.poison:
                self.parked[stream] = waiting
                return None
            self.applied.append(waiting.pop(0))
            done += 1
        return done

    def skip(self, said: Said) -> None:
        self.parked[said.stream].remove(said)
        if not self.parked[said.stream]:
            del self.parked[said.stream]
        self.skipped.add(said)

    def rebuild(self, log: Log) -> None:
        """From the beginning. What was skipped is tried again; if it still cannot be applied, it stays skipped."""
        self.applied.clear()
        self.parked.clear()
        for partition in log.partitions.values():
            for said in partition:
                self.arrive(said)

    def stories(self) -> dict[str, str]:
        """The texts of every stream, in the order they were applied."""
        told: dict[str, list[str]] = {}
        for said in self.applied:
            told.setdefault(said.stream, []).append(said.text)
        return {stream: "/".join(texts) for stream, texts in told.items()}

    def tally(self) -> dict[str, int]:
        """How often each text was applied, whatever its stream."""
        texts = [said.text for said in self.applied]
        return {text: texts.count(text) for text in set(texts)}
