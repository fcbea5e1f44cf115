"""The master key: wraps the keys that lie in the members database, and yields keys for single purposes."""

import hmac
import secrets
from base64 import urlsafe_b64decode
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.privacy.cipher import KEY_BYTES, NONCE_BYTES, WrongKey


class MasterKey:
    """``encoded`` is 32 bytes in base64url, from the settings. Raises ValueError if it is not."""

    def __init__(self, encoded: str) -> None:
        self._key = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        if len(self._key) != KEY_BYTES:
            raise ValueError(f"the master key must be {KEY_BYTES} bytes in base64url")
        self._cipher = AESGCM(self._key)

    def wrap(self, name: str, secret: bytes) -> bytes:
        """nonce || AES-256-GCM of ``secret``; what is wrapped under one name does not open under another."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, name.encode())

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """The inverse of `wrap`. Raises `WrongKey`."""
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], name.encode())
        except InvalidTag as error:
            raise WrongKey(name, "wrapped key") from error

    def derive(self, purpose: str, data: bytes) -> bytes:
        """32 bytes that only the holder of the master key can make of ``data``, others for every purpose."""
        return hmac.new(self._key, b"chibo " + purpose.encode() + b"\0" + data, sha256).digest()
