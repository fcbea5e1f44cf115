"""What was so from when until when: pure, for any attribute of an organisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Period:
    """``valid_from`` is the first day, ``valid_to`` the first day no longer (None: still)."""

    valid_from: date
    valid_to: date | None
    values: Mapping[str, Any]


def changed_from(periods: Sequence[Period], day: date, **values: Any) -> list[Period]:
    """The same history with ``values`` true from ``day`` on, until a change already known for a later day.

    ``periods`` touch and are in order. A day before the first one counts as the first one.
    """
    if not periods:
        return []
    day = max(day, periods[0].valid_from)
    split = _split(periods, day)
    before = next((period.values for period in split if period.valid_from == day), {})
    until_known = dict(values)
    changed = []
    for period in split:
        if period.valid_from >= day:
            until_known = {
                name: value for name, value in until_known.items() if period.values.get(name) == before.get(name)
            }
            period = replace(period, values={**period.values, **until_known})
        changed.append(period)
    return changed


def ended_on(periods: Sequence[Period], day: date) -> list[Period]:
    """The same history cut off: nothing is so from ``day`` on."""
    return [
        replace(period, valid_to=day if period.valid_to is None else min(day, period.valid_to))
        for period in periods
        if period.valid_from < day
    ]


def _split(periods: Sequence[Period], day: date) -> list[Period]:
    parts: list[Period] = []
    for period in periods:
        if period.valid_from < day and (period.valid_to is None or day < period.valid_to):
            parts += [replace(period, valid_to=day), replace(period, valid_from=day)]
        else:
            parts.append(period)
    return parts
