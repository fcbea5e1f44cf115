"""Keys lent by members for a few minutes' use, so that a meeting in progress goes on while members is down."""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Final

import httpx

from shared.privacy.keyring import ERASED, UNKNOWN, Erased, Keyring, PersonKey, Unknown

KEYS_PATH: Final = "/internal/keys"
FRESH_S = 300.0  # asked again after this
KEPT_S = 4 * 3600.0  # used this long when members does not answer: longer than any meeting
UNKNOWN_S = 5.0  # a key may be created a moment after it was asked for
ASK_AGAIN_S = 5.0  # after a failure, so that a page does not wait for a dead service once per row
MOST = 50_000  # keys held in memory
BATCH = 1_000  # ids per request


class RemoteKeyring(Keyring):
    """``client`` reaches members with this service's own token; ``now`` is monotonic, in seconds."""

    def __init__(self, client: httpx.AsyncClient, now: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._now = now
        self._lent: OrderedDict[str, tuple[float, PersonKey]] = OrderedDict()
        self._not_before = 0.0

    async def keys(self, people: Iterable[str]) -> dict[str, PersonKey]:
        asked = set(people)
        missing = [person for person in asked if not self._is_fresh(person)]
        if missing and self._now() >= self._not_before:
            await self._borrow(missing)
        return {person: self._held(person) for person in asked}

    async def _borrow(self, people: list[str]) -> None:
        for start in range(0, len(people), BATCH):
            batch = people[start : start + BATCH]
            try:
                response = await self._client.post(KEYS_PATH, json={"people": batch})
                response.raise_for_status()
            except httpx.HTTPError:
                self._not_before = self._now() + ASK_AGAIN_S
                return
            for person, key in lent(response.json()).items():
                self._keep(person, key)

    def _is_fresh(self, person: str) -> bool:
        taken, key = self._lent.get(person, (float("-inf"), UNKNOWN))
        if isinstance(key, Erased):  # an erased person never comes back
            return True
        return self._now() - taken < (FRESH_S if isinstance(key, bytes) else UNKNOWN_S)

    def _held(self, person: str) -> PersonKey:
        taken, key = self._lent.get(person, (float("-inf"), UNKNOWN))
        return key if isinstance(key, Erased) or self._now() - taken < KEPT_S else UNKNOWN

    def _keep(self, person: str, key: PersonKey) -> None:
        self._lent[person] = (self._now(), key)
        self._lent.move_to_end(person)
        while len(self._lent) > MOST:
            self._lent.popitem(last=False)


def lent(answer: dict[str, Any]) -> dict[str, PersonKey]:
    """What members answers, as keys: ``{"keys": {person: base64url}, "erased": [...], "unknown": [...]}``."""
    keys: dict[str, PersonKey] = {
        person: urlsafe_b64decode(text + "=" * (-len(text) % 4)) for person, text in answer["keys"].items()
    }
    keys.update(dict.fromkeys(answer["erased"], ERASED))
    keys.update(dict.fromkeys(answer["unknown"], UNKNOWN))
    return keys


def lend(keys: dict[str, PersonKey]) -> dict[str, Any]:
    """The inverse of `lent`: what members answers to ``POST /internal/keys``."""
    return {
        "keys": {person: urlsafe_b64encode(key).decode() for person, key in keys.items() if isinstance(key, bytes)},
        "erased": [person for person, key in keys.items() if isinstance(key, Erased)],
        "unknown": [person for person, key in keys.items() if isinstance(key, Unknown)],
    }
