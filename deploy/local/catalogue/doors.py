"""Chapter: every endpoint, and who may use it by the one table of permissions."""

from collections.abc import Sequence

from fastapi.routing import iter_route_contexts

from deploy.local.catalogue.house import Service, table
from shared.auth.marks import GuardedRoute, guarded_routes
from shared.auth.permissions import INTERNAL, PERMISSIONS, PUBLIC, SIGNED_IN

WHO = {PUBLIC: "anybody", SIGNED_IN: "whoever is logged in, on what is their own", INTERNAL: "another service"}

Door = tuple[str, str, str, str]  # methods, path, action, who may


def endpoints(known: Sequence[Service]) -> str:
    intro = (
        "An action is allowed to whoever holds one of its offices in an organisation whose subtree holds the target;"
        " `*` marks an endpoint that names no target and shows only what lies where the office is held.\n"
    )
    doors = {service.name: _doors(service) for service in known}
    everywhere = set.intersection(*(set(own) for own in doors.values()))
    headings = ("method", "path", "action", "who may", "what")
    written = [intro, f"### every service: endpoints\n\n{table(headings, [(*d, '') for d in sorted(everywhere)])}"]
    for service in known:
        summaries = _summaries(service)
        own = sorted(
            (door for door in doors[service.name] if door not in everywhere), key=lambda door: (door[1], door[0])
        )
        rows = [(*door, summaries.get((door[0], door[1]), "")) for door in own]
        written.append(f"### {service.name}: endpoints\n\n{table(headings, rows)}")
    return "\n".join(written)


def _doors(service: Service) -> list[Door]:
    return [_door(route, service.name) for route in guarded_routes(service.app)]


def _door(route: GuardedRoute, service: str) -> Door:
    assert route.guard is not None, f"{route} says not who may use it"
    action = route.guard.action
    offices = ", ".join(sorted(office.value for office in PERMISSIONS.get(action, ())))
    anywhere = "" if action in WHO or route.guard.target else " *"
    path = route.path
    for common in ("openapi.json", "asyncapi.json"):
        path = path.replace(f"/{service}/{common}", f"/{{service}}/{common}")
    return (
        _methods(route.methods),
        f"`{path}`",
        "" if action in WHO else f"`{action}`{anywhere}",
        WHO.get(action, offices),
    )


def _methods(methods: frozenset[str]) -> str:
    return " ".join(sorted(methods - {"HEAD"})) or "GET"


def _summaries(service: Service) -> dict[tuple[str, str], str]:
    """What an endpoint's own ``summary`` or docstring says first."""
    found = {}
    for route in iter_route_contexts(service.app.routes):
        said = getattr(route, "summary", None) or (getattr(route, "description", None) or "").partition("\n\n")[0]
        found[_methods(frozenset(route.methods or ())), f"`{route.path}`"] = said
    return found
