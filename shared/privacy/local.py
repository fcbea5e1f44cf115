"""The keys themselves, in the members database, each wrapped by the master key."""

from collections.abc import Iterable

import asyncpg

from shared.privacy.cipher import new_key
from shared.privacy.keyring import ERASED, UNKNOWN, Keyring, PersonKey
from shared.privacy.master import MasterKey

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
        self._pool = pool
        self._master = MasterKey(master_key)

    async def keys(self, people: Iterable[str]) -> dict[str, PersonKey]:
        asked = list(people)
        rows = await self._pool.fetch("SELECT person, wrapped FROM person_key WHERE person = ANY($1::text[])", asked)
        answers: dict[str, PersonKey] = dict.fromkeys(asked, UNKNOWN)
        for person, wrapped in rows:
            answers[person] = ERASED if wrapped is None else self._master.unwrap(person, wrapped)
        return answers

    async def create(self, connection: asyncpg.Connection, people: Iterable[str]) -> dict[str, bytes]:
        """New keys for persons who have none, in the caller's transaction. A second key is a UniqueViolationError."""
        keys = {person: new_key() for person in people}
        await connection.executemany(
            "INSERT INTO person_key (person, wrapped) VALUES ($1, $2)",
            [(person, self._master.wrap(person, key)) for person, key in keys.items()],
        )
        return keys

    async def destroy(self, connection: asyncpg.Connection, person: str) -> bool:
        """Forget the person's key, in the caller's transaction. False if there was none to forget."""
        status = await connection.execute(
            "UPDATE person_key SET wrapped = NULL, destroyed_at = now() WHERE person = $1 AND wrapped IS NOT NULL",
            person,
        )
        return str(status) == "UPDATE 1"
