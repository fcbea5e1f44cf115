"""Every route says who may use it; this finds the mark, and the routes that have none."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from shared.auth.permissions import PUBLIC

STATIC: Final = "/static"

Target = Callable[[Request, Any], Awaitable[str]]
"""``async (request, context) -> organisation``: the organisation an endpoint acts on."""


@dataclass(frozen=True, eq=False)
class Guard:
    """A dependency that decides who may use a route.

    ``action`` is a row of the permission table, or PUBLIC, SIGNED_IN, INTERNAL.
    """

    action: str
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class GuardedRoute:
    methods: frozenset[str]
    path: str
    guard: Guard | None  # None: nobody said who may use it

    def __str__(self) -> str:
        return f"{'|'.join(sorted(self.methods)) or '*'} {self.path}"


def guarded_routes(app: FastAPI) -> Iterator[GuardedRoute]:
    """All routes of an application, routers' included, each with its guard."""
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        dependant: Dependant | None = getattr(route, "dependant", None)
        if dependant is not None:
            guard = _guard_of(dependant)
        elif _open_by_design(app, path, route.original_route):
            guard = Guard(PUBLIC)
        else:
            guard = None
        yield GuardedRoute(frozenset(route.methods or ()), path, guard)


def unguarded(app: FastAPI) -> list[str]:
    """Routes that carry no mark, as ``METHOD /path``: an application with any must not start."""
    return [str(route) for route in guarded_routes(app) if route.guard is None]


def _guard_of(dependant: Dependant) -> Guard | None:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Guard):
            return dependency.call
        if (nested := _guard_of(dependency)) is not None:
            return nested
    return None


def _open_by_design(app: FastAPI, path: str, route: object) -> bool:
    """The description of the API and what pages look like hold nothing of anybody."""
    return path == (STATIC if isinstance(route, Mount) else app.openapi_url)
