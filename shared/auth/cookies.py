"""The two cookies of a login. What is put here reaches the browser with whatever answer the request gets.

FastAPI drops what a dependency sets when the endpoint returns a response of its own, hence not by `Response`.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from starlette.responses import Response
from starlette.types import Scope

SESSION: Final = "chibo_session"  # the access token
REFRESH: Final = "chibo_refresh"  # the refresh token
_PENDING: Final = "chibo.cookies"  # where in the ASGI scope they wait for the answer


@dataclass(frozen=True, slots=True)
class Granted:
    """A login as it is handed out: both tokens, and how long the refresh token may lie idle."""

    access: str
    refresh: str
    idle: timedelta

    def to_json(self) -> dict[str, Any]:
        return {"access": self.access, "refresh": self.refresh, "idle": int(self.idle.total_seconds())}

    @classmethod
    def from_json(cls, answer: dict[str, Any]) -> "Granted":
        return cls(answer["access"], answer["refresh"], timedelta(seconds=answer["idle"]))


def keep(scope: Scope, granted: Granted, *, secure: bool) -> None:
    """Have the browser keep this login."""
    age = int(granted.idle.total_seconds())
    _put(scope, SESSION, granted.access, age, secure, "lax")
    _put(scope, REFRESH, granted.refresh, age, secure, "strict")


def forget(scope: Scope, *, secure: bool) -> None:
    """Have the browser forget its login."""
    _put(scope, SESSION, "", 0, secure, "lax")
    _put(scope, REFRESH, "", 0, secure, "strict")


def _put(
    scope: Scope, name: str, value: str, age: int, secure: bool, samesite: Literal["lax", "strict", "none"]
) -> None:
    carrier = Response()
    carrier.set_cookie(name, value, max_age=age, path="/", secure=secure, httponly=True, samesite=samesite)
    scope.setdefault(_PENDING, {})[name] = carrier.headers["set-cookie"].encode("latin-1")


def pending(scope: Scope, _headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The cookies put while a request was served, as headers of its answer (`shared.http.added`)."""
    return [(b"set-cookie", value) for value in scope.get(_PENDING, {}).values()]
