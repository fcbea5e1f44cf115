"""Days, months and instants as callers write them: ISO 8601 in full, in years that can be meant.

Pydantic alone would take ``0`` for the first of January 1970, and year 9999, which overflows in another time zone.
"""

from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
_SHORTEST: Final = len("2026-11-22")


def _day_as_written(value: Any) -> Any:
    if isinstance(value, str) and len(value) == _SHORTEST and value.isascii():
        return value
    raise ValueError("a day is written YYYY-MM-DD")


def _instant_as_written(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _SHORTEST and value.isascii():
        return value
    raise ValueError("an instant is written YYYY-MM-DDThh:mm:ss+hh:mm")


def _thinkable(value: date) -> date:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"the year is between {FIRST_YEAR} and {LAST_YEAR}")
    return value


def _thinkable_instant(value: datetime) -> datetime:
    _thinkable(value)
    return value


Day = Annotated[date, BeforeValidator(_day_as_written), AfterValidator(_thinkable)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant_as_written), AfterValidator(_thinkable_instant)]
Month = Annotated[str, StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$")]


def read_instant(text: str) -> datetime:
    """The instant of a cursor. Raises ValueError unless it has an offset and can be meant."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant has an offset")
    return _thinkable_instant(instant)
