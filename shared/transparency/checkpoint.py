"""Checkpoints (c2sp.org/tlog-checkpoint): how large a log was and the root of its tree, as a note's text."""

import re
from dataclasses import dataclass

from shared.transparency.note import Malformed, from_base64, to_base64
from shared.transparency.tree import SIZE

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``origin`` names the log for ever; ``size`` leaves have the root ``root``."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The inverse of ``str``. Raises `Malformed`; also for extension lines, which we never write."""
        match text.split("\n"):
            case [origin, size, root, ""] if origin and len(octets := from_base64(root)) == SIZE:
                return cls(origin, number(size), octets)
        raise Malformed("not a checkpoint: origin, size and root, a line each")


def number(text: str) -> int:
    """A decimal without leading zeroes. Raises `Malformed`."""
    if not _NUMBER.fullmatch(text):
        raise Malformed(f"not a number: {text[:30]!r}")
    return int(text)


def split_notes(file: str) -> list[str]:
    """The notes of a file that holds several, an empty line between them. Raises `Malformed`.

    A checkpoint's text has no empty line, so each is a text, an empty line and its signatures.
    """
    blocks = file.removesuffix("\n").split("\n\n")
    if len(blocks) % 2:
        raise Malformed("the last note has no signature")
    return [f"{text}\n\n{signatures}\n" for text, signatures in zip(blocks[::2], blocks[1::2], strict=True)]


def join_notes(notes: list[str]) -> str:
    """The inverse of `split_notes`."""
    return "\n".join(notes)
