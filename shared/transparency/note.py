"""Signed notes (c2sp.org/signed-note): a text, an empty line, and signatures that name their key. Ed25519 only."""

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"  # the signature type
PRIVATE = "PRIVATE+KEY+"
DASH = "— "
MOST_SIGNATURES = 100  # others (witnesses) may have added theirs; not without end


class NoteError(ValueError):
    """Base of why a note or key is not to be believed."""


class Malformed(NoteError):
    """It is not a signed note, or not a key, at all."""


class ForeignKey(NoteError):
    """It is signed, but not by the key we know. ``signers`` is who signed, ``name+id`` each."""

    def __init__(self, signers: list[str]) -> None:
        super().__init__(f"signed by {', '.join(signers)} only")
        self.signers = signers


class BadSignature(NoteError):
    """It bears the name of the key we know, but the text is not what that key signed."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Whose signature is believed: what is given to the public, as ``name+id+base64``."""

    name: str
    public: bytes  # 32 octets

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """The inverse of ``str``. Raises `Malformed`."""
        name, public = _parts(text)
        key = cls(name, public)
        if str(key) != text:
            raise Malformed("the key's id is not that of its name and octets")
        return key

    def signed(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """The private half, as ``PRIVATE+KEY+name+id+base64``: the form that Go's tools for notes read."""

    name: str
    seed: bytes  # 32 octets

    @classmethod
    def generate(cls, prefix: str) -> "SigningKey":
        """A new one, named ``prefix`` and eight hexadecimal digits that are its own: no two share a name."""
        key = Ed25519PrivateKey.generate()
        return cls(f"{prefix}{sha256(key.public_key().public_bytes_raw()).hexdigest()[:8]}", key.private_bytes_raw())

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self._key().public_key().public_bytes_raw())

    def __str__(self) -> str:
        return f"{PRIVATE}{self.name}+{self.verifier.id.hex()}+{to_base64(ED25519 + self.seed)}"

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """The inverse of ``str``. Raises `Malformed`."""
        name, seed = _parts(text.removeprefix(PRIVATE))
        key = cls(name, seed)
        if str(key) != text:
            raise Malformed("it does not begin as a private key does, or its id is not that of its name and octets")
        return key

    def sign(self, text: str) -> str:
        """The note of ``text``, which ends with a newline."""
        if not _is_text(text):
            raise Malformed("a note's text is lines without control characters")
        return f"{text}\n{DASH}{self.name} {to_base64(self.verifier.id + self._key().sign(text.encode()))}\n"

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def open_note(note: str, key: VerifierKey) -> str:
    """The text of ``note``, which ``key`` has signed. Raises `Malformed`, `ForeignKey`, `BadSignature`.

    Signatures of other keys are no concern of ours, except that they must have the form of one.
    """
    text, separator, block = note.rpartition("\n\n")
    text += "\n"
    lines = block.removesuffix("\n").split("\n")
    if not separator or not block.endswith("\n") or len(lines) > MOST_SIGNATURES or not _is_text(text):
        raise Malformed("not a text, an empty line and signatures")
    signers, ours = [], []
    for line in lines:
        name, space, encoded = line.removeprefix(DASH).partition(" ")
        octets = from_base64(encoded)
        if not line.startswith(DASH) or not _is_name(name) or not space or len(octets) < 5:
            raise Malformed(f"not a signature: {line[:60]!r}")
        signers.append(f"{name}+{octets[:4].hex()}")
        if (name, octets[:4]) == (key.name, key.id):
            ours.append(octets[4:])
    if not ours:
        raise ForeignKey(signers)
    if not all(key.signed(text, signature) for signature in ours):
        raise BadSignature(f"not what {key.name} signed")
    return text


def to_base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def from_base64(text: str) -> bytes:
    """The inverse of `to_base64`: no other spelling is taken. Raises `Malformed`."""
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        octets = b""
    if not octets or to_base64(octets) != text:
        raise Malformed(f"not base64: {text[:60]!r}")
    return octets


def _parts(text: str) -> tuple[str, bytes]:
    """Name and 32 octets of ``name+id+base64``; the id is for the caller to compare."""
    name, _, rest = text.partition("+")
    octets = from_base64(rest.partition("+")[2])
    if not _is_name(name) or octets[:1] != ED25519 or len(octets) != 33:
        raise Malformed("not an Ed25519 key: name+id+base64")
    return name, octets[1:]


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter <= " " or letter.isspace() for letter in name)


def _is_text(text: str) -> bool:
    return text.endswith("\n") and len(text) > 1 and not any(letter < " " and letter != "\n" for letter in text)
