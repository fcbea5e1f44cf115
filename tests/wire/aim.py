"""What schemathesis loads into its own process: who asks, what is there to ask for, and values nobody expects."""

import json
import os
from base64 import urlsafe_b64encode
from itertools import count
from random import Random
from typing import Any, Final

import schemathesis
from schemathesis.core.parameters import ParameterLocation

from shared.auth import service_token
from shared.clock import system_clock
from shared.settings import Settings

BLOC: Final = json.loads(os.environ["CHIBO_WIRE_BLOC"])
PEER: Final = service_token.source(Settings(service="operator", **BLOC["settings"]), system_clock)
MADE_UP, ODD = 3, 4  # one request in so many keeps what was made up; one in so many holds an odd value

CURSORS = [
    *([number] for number in (2**63, 10**30, None, True, 1.5, "\0")),
    *([when, "x"] for when in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-22", "\0", None, 2)),
    *(["2026-11-22T00:00:00+00:00", partition, position] for partition, position in ((2**40, 1), (0, 2**70), (-1, 0))),
]
TEXTS: Final = (
    *(" ", "\0", "a\0b", "\u202e", "\ufffe", "\x1b[31m", "\u2028", "%", "'", "x" * 30_000),
    *("0", "0001-01-01", "9999-12-31", "2026-02-30", "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-12:00"),
    *("members.0.99999999999999999999", "members.99999999999.1", "members.0.-5", "9999-12", "²", "٢٠٢٦", '"1","2"'),
    *(urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=") for key in CURSORS),
)
NUMBERS: Final = (0, -1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**30, 0.5, 1e308)

_turn = count()


@schemathesis.auth(refresh_interval=None)
class Login:
    """Another of the bloc's logins for each request; behind ``/internal`` another service's token."""

    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
        if case.path.startswith("/internal/"):
            return PEER(BLOC["service"])
        logins: list[str] = BLOC["logins"]
        return logins[next(_turn) % len(logins)]

    def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    turn = next(_turn)
    if case.meta is None:
        return
    parts = {
        ParameterLocation.PATH: case.path_parameters,
        ParameterLocation.QUERY: case.query,
        ParameterLocation.BODY: case.body,
    }
    if turn % MADE_UP:
        for location, values in parts.items():
            if isinstance(values, dict) and not case.meta.is_negative_at(location):
                _aim(values, turn)
    if turn % ODD == 0:
        dice = Random(turn)
        _spoil(parts[dice.choice(list(parts))], dice)


def _aim(values: dict[str, Any], turn: int) -> None:
    """Ids of what is there in the place of made-up ones."""
    for name in values.keys() & BLOC["known"].keys():
        ids = BLOC["known"][name]
        values[name] = ids[turn % len(ids)]


def _spoil(values: Any, dice: Random) -> None:
    """Put an odd value somewhere into ``values``."""
    places = list(values) if isinstance(values, dict) else list(range(len(values))) if isinstance(values, list) else []
    if not places:
        return
    place = dice.choice(places)
    match values[place]:
        case dict() | list():
            _spoil(values[place], dice)
        case int() | float():
            values[place] = dice.choice(NUMBERS)
        case _:
            values[place] = dice.choice(TEXTS)
