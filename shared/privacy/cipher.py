"""AES-256-GCM over one field of one person: pure functions, keys of 32 bytes."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.privacy.sealed import Sealed

KEY_BYTES = 32
NONCE_BYTES = 12  # random: a person has a handful of fields, far below the 2^32 messages a key may seal
_PREFIX = "v1."


class WrongKey(Exception):
    """The ciphertext was not made with this key for this person and field, or it was altered."""

    def __init__(self, person: str, field: str) -> None:
        super().__init__(f"what is sealed as {field} of {person} does not open with that person's key")
        self.person, self.field = person, field


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def _bound_to(person: str, field: str) -> bytes:
    """The additional data: a ciphertext moved to another person or field no longer opens."""
    return f"{person}\x00{field}".encode()


def seal(key: bytes, person: str, field: str, text: str) -> Sealed:
    nonce = secrets.token_bytes(NONCE_BYTES)
    ciphertext = AESGCM(key).encrypt(nonce, text.encode(), _bound_to(person, field))
    return _PREFIX + urlsafe_b64encode(nonce + ciphertext).decode().rstrip("=")


def open_sealed(key: bytes, person: str, field: str, sealed: Sealed) -> str:
    """The text that `seal` was given. Raises `WrongKey`."""
    body = sealed.removeprefix(_PREFIX)
    raw = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    try:
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(person, field)).decode()
    except (InvalidTag, ValueError) as error:
        raise WrongKey(person, field) from error
