"""The keys themselves, in the members database, each wrapped by the master key."""

import secrets
from base64 import urlsafe_b64decode
from collections.abc import Iterable

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.privacy.cipher import KEY_BYTES, NONCE_BYTES, WrongKey, new_key
from shared.privacy.keyring import ERASED, UNKNOWN, Keyring, PersonKey

PERSON_KEY_TABLE = """
CREATE TABLE person_key (
    person       text PRIMARY KEY,
    wrapped      bytea,  -- nonce || AES-256-GCM of the person's key under the master key; NULL once destroyed
    created_at   timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
)
"""


class LocalKeyring(Keyring):
    """``master_key`` is 32 bytes, base64url, from the settings. Raises ValueError if it is not."""

    def __init__(self, pool: asyncpg.Pool, master_key: str) -> None:
        master = urlsafe_b64decode(master_key + "=" * (-len(master_key) % 4))
        if len(master) != KEY_BYTES:
            raise ValueError(f"the master key must be {KEY_BYTES} bytes in base64url")
        self._pool = pool
        self._master = AESGCM(master)

    async def keys(self, people: Iterable[str]) -> dict[str, PersonKey]:
        asked = list(people)
        rows = await self._pool.fetch("SELECT person, wrapped FROM person_key WHERE person = ANY($1::text[])", asked)
        answers: dict[str, PersonKey] = dict.fromkeys(asked, UNKNOWN)
        for person, wrapped in rows:
            answers[person] = ERASED if wrapped is None else self._unwrap(person, wrapped)
        return answers

    async def create(self, connection: asyncpg.Connection, people: Iterable[str]) -> dict[str, bytes]:
        """New keys for persons who have none, in the caller's transaction. A second key is a UniqueViolationError."""
        keys = {person: new_key() for person in people}
        await connection.executemany(
            "INSERT INTO person_key (person, wrapped) VALUES ($1, $2)",
            [(person, self._wrap(person, key)) for person, key in keys.items()],
        )
        return keys

    async def destroy(self, connection: asyncpg.Connection, person: str) -> bool:
        """Forget the person's key, in the caller's transaction. False if there was none to forget."""
        status = await connection.execute(
            "UPDATE person_key SET wrapped = NULL, destroyed_at = now() WHERE person = $1 AND wrapped IS NOT NULL",
            person,
        )
        return str(status) == "UPDATE 1"

    def _wrap(self, person: str, key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._master.encrypt(nonce, key, person.encode())

    def _unwrap(self, person: str, wrapped: bytes) -> bytes:
        try:
            return self._master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], person.encode())
        except InvalidTag as error:
            raise WrongKey(person, "person_key") from error
