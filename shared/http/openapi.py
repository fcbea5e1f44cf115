"""The OpenAPI document of a service: what FastAPI knows of its routes, and once for all what every route may answer.

Any operation may be answered with a problem (RFC 9457) and, unless it is public, needs a login: that stands here, not
at every route.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from fastapi import FastAPI

from shared.auth import cookies, csrf
from shared.auth.http import guarded_routes
from shared.auth.permissions import INTERNAL, PUBLIC
from shared.http.problems import PROBLEM_TYPE, Problem
from shared.telemetry.correlation import HEADER as CORRELATION

# status -> (name, when, a rule that is answered so)
PROBLEMS: Final[dict[int, tuple[str, str, str]]] = {
    400: ("Unreadable", "The request cannot be read at all", "request.invalid"),
    401: ("NotLoggedIn", "Nobody is logged in, or not rightly", "access.login_needed"),
    403: ("NotAllowed", "The office held does not allow it here", "access.forbidden"),
    404: ("NotFound", "There is no such thing", "request.not_found"),
    409: ("Conflict", "Somebody wrote first, or things stand otherwise", "request.stale"),
    412: ("OtherVersion", "If-Match named another version", "request.precondition_failed"),
    413: ("TooLarge", "The content is larger than is taken", "request.too_large"),
    415: ("OtherType", "The content is of a type that is not taken", "request.invalid"),
    422: ("Refused", "A named rule refused it, or the content is not valid", "request.invalid"),
    429: ("TooOften", "Too many attempts; Retry-After says how many seconds to wait", "request.invalid"),
    503: ("NotReady", "Not for the moment; nothing was written that a repeat would write twice", "request.not_ready"),
}
READING: Final = (400, 401, 403, 404, 422, 503)
WRITING: Final = (*READING, 409, 413, 415, 429)
GENERATED: Final = ("HTTPValidationError", "ValidationError")  # FastAPI's own form of 422, which we do not answer
SCHEMES: Final = {
    "login": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "`access_token` of a session."},
    "browser": {
        "type": "apiKey",
        "in": "cookie",
        "name": cookies.SESSION,
        "description": f"The cookie of a login on the pages; writing also needs the header `{csrf.HEADER}`.",
    },
    "service": {"type": "http", "scheme": "bearer", "description": "Another service's own token; never from outside."},
}


def install(app: FastAPI) -> None:
    """Let ``app`` describe itself fully; called when all its routes are there."""
    generate = app.openapi
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(complete(app, deepcopy(generate())))
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def complete(app: FastAPI, document: dict[str, Any]) -> dict[str, Any]:
    """``document`` with problems, headers and logins at every operation."""
    guards = {(method.lower(), route.path): route.guard for route in guarded_routes(app) for method in route.methods}
    for method, path, operation in _operations(document):
        guard = guards[method, path]
        action = guard.action if guard is not None else PUBLIC
        if action == INTERNAL:
            operation["security"] = [{"service": []}]
        elif action != PUBLIC:
            operation["security"] = [{"login": []}, {"browser": []}]
        answers = operation["responses"]
        for answer in answers.values():
            answer.setdefault("headers", {}).update(_headers(answer))
        answers.update({str(status): {"$ref": f"#/components/responses/{PROBLEMS[status][0]}"}
                        for status in _may_answer(method, operation)})  # fmt: skip
        operation["responses"] = dict(sorted(answers.items()))
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in GENERATED:
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema(mode="serialization")
    components["responses"] = {name: _problem(status) for status, (name, _, _) in PROBLEMS.items()}
    components["securitySchemes"] = SCHEMES
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def _may_answer(method: str, operation: dict[str, Any]) -> Iterator[int]:
    yield from READING if method == "get" else WRITING
    if any(parameter["name"].lower() == "if-match" for parameter in operation.get("parameters", ())):
        yield 412


def _headers(answer: dict[str, Any]) -> dict[str, Any]:
    """The headers of a successful answer."""
    headers = {CORRELATION: _header("Names this request in logs and events.")}
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    if schema.get("$ref", "").endswith("/Done"):
        headers["ETag"] = _header("The version of the stream now, for If-Match.", '"7"')
        headers["Chibo-Position"] = _header("Where it stands in the log, for `?at=`.", "meetings.2.4711")
    return headers


def _header(description: str, example: str | None = None) -> dict[str, Any]:
    shown = {} if example is None else {"example": example}
    return {"description": description, "required": True, "schema": {"type": "string"}, **shown}


def _problem(status: int) -> dict[str, Any]:
    _, when, rule = PROBLEMS[status]
    example = Problem(
        type=f"urn:chibo:rule:{rule}",
        title=when,
        status=status,
        detail=when,
        rule=rule,
        source="HTTP",
        instance="/…",
        correlation="0f6e2b6c5d2e4a0f9b7d3c1a8e6f4b2d",
    )
    headers = {CORRELATION: _header("Names this request in logs and events.")}
    if status == 429:
        headers["Retry-After"] = _header("Seconds.", "30")
    if status == 401:
        headers["WWW-Authenticate"] = _header("How to log in.", "Bearer")
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example.model_dump()}
    return {"description": when, "headers": headers, "content": {PROBLEM_TYPE: content}}
