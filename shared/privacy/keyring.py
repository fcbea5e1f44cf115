"""Who can open what: the keys of persons, held by members and lent to the other services."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from shared.privacy.cipher import open_sealed
from shared.privacy.sealed import Sealed


@dataclass(frozen=True, slots=True)
class Erased:
    """The key was destroyed: the text is gone for ever."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No such key is known, or members, who would know, cannot be reached and it was not lent before."""


ERASED: Final = Erased()
UNKNOWN: Final = Unknown()

PersonKey = bytes | Erased | Unknown
Opened = str | Erased | Unknown


class Keyring(ABC):
    """Opens sealed fields; a subclass knows where the keys are."""

    @abstractmethod
    async def keys(self, people: Iterable[str]) -> dict[str, PersonKey]:
        """An answer for every one of ``people`` (member ids)."""

    async def open_many(self, items: Sequence[tuple[str, Sealed | None]], field: str = "full_name") -> list[Opened]:
        """The texts of one ``field`` of many persons, in order. Raises `WrongKey`.

        ``None`` as ciphertext is a field a view has blanked: the answer is then `ERASED` or `UNKNOWN`.
        """
        keys = await self.keys({person for person, _ in items})
        return [_open(keys[person], person, field, sealed) for person, sealed in items]

    async def open_fields(self, person: str, fields: dict[str, Sealed | None]) -> dict[str, Opened | None]:
        """Several fields of one person by name; a field that was never given stays ``None``. Raises `WrongKey`."""
        key = (await self.keys([person]))[person]
        return {name: None if sealed is None else _open(key, person, name, sealed) for name, sealed in fields.items()}


def _open(key: PersonKey, person: str, field: str, sealed: Sealed | None) -> Opened:
    if isinstance(key, Erased | Unknown):
        return key
    return UNKNOWN if sealed is None else open_sealed(key, person, field, sealed)
