"""That a log only grew between two checkpoints, in the text that c2sp.org/tlog-witness has its witnesses check."""

from dataclasses import dataclass

from shared.transparency.checkpoint import Checkpoint, number
from shared.transparency.note import Malformed, NoteError, VerifierKey, from_base64, open_note, to_base64
from shared.transparency.tree import is_consistent


class NotGrown(NoteError):
    """The newer checkpoint is not shown to continue the older one."""


@dataclass(frozen=True, slots=True)
class Growth:
    """``path`` is the consistency proof from ``old`` leaves to those of the newer checkpoint, signed as ``note``."""

    old: int
    path: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        path = "".join(f"{to_base64(beside)}\n" for beside in self.path)
        return f"old {self.old}\n{path}\n{self.note}"

    @classmethod
    def parse(cls, text: str) -> "Growth":
        """The inverse of ``str``. Raises `Malformed`."""
        told, _, note = text.partition("\n\n")
        match told.split("\n"):
            case [old, *path] if old.startswith("old "):
                return cls(number(old[4:]), tuple(map(from_base64, path)), note)
        raise Malformed("its first line is not old …")

    @property
    def origin(self) -> str:
        """As the note says, checked or not."""
        return self.note.partition("\n")[0]

    def check(self, before: Checkpoint, key: VerifierKey) -> Checkpoint:
        """The newer checkpoint, shown to continue ``before``. Raises `NoteError`: the reason why it is not."""
        now = Checkpoint.parse(open_note(self.note, key))
        if (now.origin, self.old) != (before.origin, before.size):
            raise NotGrown(f"it is about {now.origin} after {self.old}, not {before.origin} after {before.size}")
        if not is_consistent(before.size, before.root, now.size, now.root, self.path):
            raise NotGrown(f"{now.origin} with {now.size} does not continue that with {before.size}")
        return now


def split_growths(file: str) -> list[Growth]:
    """Those of a file that holds several, an empty line between them. Raises `Malformed`."""
    blocks = file.removesuffix("\n").split("\n\n")
    if len(blocks) % 3:
        raise Malformed("each is a proof, a checkpoint and its signatures")
    return [Growth.parse("\n\n".join(blocks[at : at + 3]) + "\n") for at in range(0, len(blocks), 3)]
