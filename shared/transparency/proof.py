"""Proofs (c2sp.org/tlog-proof): an entry, its way up to the root and the checkpoint that signs it, in one text.

Whoever has the log's public key needs nothing else to be sure that the entry stands in the log, there and so. The
entry itself travels as the format's ``extra``, which is not trusted: what is proven is its hash.
"""

from dataclasses import dataclass

from shared.transparency.checkpoint import Checkpoint, number
from shared.transparency.note import Malformed, NoteError, VerifierKey, from_base64, open_note, to_base64
from shared.transparency.tree import leaf_hash, root_by_inclusion

HEAD = "c2sp.org/tlog-proof@v1"


class NotIncluded(NoteError):
    """The signed root is not that of a tree with this entry at this place."""


@dataclass(frozen=True, slots=True)
class Proof:
    """``index`` counts from 0; ``note`` is the checkpoint as it was signed."""

    entry: bytes
    index: int
    path: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        path = "".join(f"{to_base64(beside)}\n" for beside in self.path)
        return f"{HEAD}\nextra {to_base64(self.entry)}\nindex {self.index}\n{path}\n{self.note}"

    @classmethod
    def parse(cls, text: str) -> "Proof":
        """The inverse of ``str``. Raises `Malformed`."""
        told, _, note = text.partition("\n\n")
        match told.split("\n"):
            case [head, extra, index, *path] if (head, extra[:6], index[:6]) == (HEAD, "extra ", "index "):
                return cls(from_base64(extra[6:]), number(index[6:]), tuple(map(from_base64, path)), note)
        raise Malformed(f"not a proof: its first lines are {HEAD}, extra … and index …")

    def check(self, key: VerifierKey) -> Checkpoint:
        """The checkpoint by which the entry is proven. Raises `NoteError`: the reason why it is not."""
        signed = Checkpoint.parse(open_note(self.note, key))
        if root_by_inclusion(leaf_hash(self.entry), self.index, signed.size, self.path) != signed.root:
            raise NotIncluded(f"not entry {self.index} of {signed.origin} at size {signed.size}")
        return signed
