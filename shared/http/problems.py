"""Every fault becomes one clear answer: RFC 9457 problem details for programs, a page for people."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import quote

from asyncpg import (
    CharacterNotInRepertoireError,
    DataError,
    InsufficientResourcesError,
    InterfaceError,
    InternalServerError,
    OperatorInterventionError,
    PostgresConnectionError,
    PostgresSystemError,
    UntranslatableCharacterError,
)
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path

from shared.auth.csrf import ForeignRequest
from shared.auth.model import Forbidden, Unauthenticated
from shared.eventlog import KeyReused, StaleVersion, UnknownOutcome
from shared.http.texts import RuleTexts
from shared.http.written import cleared
from shared.refusal import Refused
from shared.telemetry import metrics
from shared.telemetry.correlation import HEADER as CORRELATION
from shared.telemetry.correlation import correlation_id, resumed
from shared.telemetry.log import get_logger

log = get_logger(__name__)

PROBLEM_TYPE: Final = "application/problem+json"


class Problem(BaseModel):
    """RFC 9457 problem details, with the rule that said no and what that rule rests on."""

    type: str = Field(examples=["urn:chibo:rule:opinion.speaker_present"])
    title: str = Field(examples=["Người phát biểu phải có mặt."])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["Đồng chí này chưa được điểm danh có mặt."])
    rule: str = Field(examples=["opinion.speaker_present"])
    source: str = Field(examples=["42-HD/BTCTW"])
    instance: str = Field(examples=["/meetings/api/v1/meetings/3f…/statements"])
    correlation: str
    errors: list[dict[str, Any]] = []
    params: dict[str, Any] = {}


# The connection is lost, the disk or the memory is full, the server shuts down or starts, its files fail it, or a quota
# does (which it tells as its own error).
DATABASE_AWAY: Final = (
    PostgresConnectionError,
    InsufficientResourcesError,
    OperatorInterventionError,
    PostgresSystemError,
    InternalServerError,
)

RenderProblem = Callable[[Request, Problem], Response]
ReaderLocale = Callable[[], str]


def wants_json(request: Request) -> bool:
    """Programs live under ``/api/`` and ``/internal/``; browsers' scripts ask with an Accept header."""
    return "/api/" in request.url.path or request.url.path.startswith("/internal/") or accepts_json(request)


def accepts_json(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return "json" in accept and "text/html" not in accept


def methods_of(app: FastAPI, path: str) -> list[str]:
    """What may be done at an address: Starlette names only the methods of the first route there."""
    routes = [route for route in iter_route_contexts(app.routes) if compile_path(route.path or "")[0].match(path)]
    return sorted({method for route in routes for method in route.methods or ()})


class Problems:
    """Turns exceptions into problems for one service; `install` hangs it into the application."""

    def __init__(self, service: str, texts: RuleTexts, locale: ReaderLocale, page: RenderProblem) -> None:
        self.service, self.texts, self.locale, self.page = service, texts, locale, page

    def make(
        self,
        request: Request,
        rule: str,
        params: dict[str, Any] | None = None,
        *,
        status: int | None = None,
        errors: list[dict[str, Any]] | None = None,
    ) -> Problem:
        """The problem for a rule, in the reader's language."""
        text = self.texts[rule]
        params = {name: cleared(value) if isinstance(value, str) else value for name, value in (params or {}).items()}
        said = text.say(self.locale(), params)
        return Problem(
            type=f"urn:chibo:rule:{rule}",
            title=said,
            status=status or text.status,
            detail=said,
            rule=rule,
            source=text.basis(self.locale()),
            instance=request.url.path,
            correlation=correlation_id.get(),
            errors=errors or [],
            params={name: str(value) for name, value in params.items()},
        )

    def answer(self, request: Request, problem: Problem) -> Response:
        if wants_json(request):
            return JSONResponse(problem.model_dump(), problem.status, media_type=PROBLEM_TYPE)
        return self.page(request, problem)

    def install(self, app: FastAPI) -> None:
        def on(kind: type[Exception], handler: Callable[[Request, Any], Awaitable[Response]]) -> None:
            app.add_exception_handler(kind, handler)

        on(Refused, self._refused)
        on(StaleVersion, self._stale)
        on(KeyReused, self._rule("request.key_reused"))
        on(UnknownOutcome, self._rule("request.outcome_unknown"))
        on(Forbidden, self._forbidden)
        on(Unauthenticated, self._unauthenticated)
        on(RequestValidationError, self._invalid)
        on(HTTPException, self._http)
        for away in (ConnectionError, InterfaceError, TimeoutError, *DATABASE_AWAY):
            on(away, self._not_ready)
        on(CharacterNotInRepertoireError, self._unreadable)
        on(UntranslatableCharacterError, self._unreadable)
        on(DataError, self._not_taken)
        on(Exception, self._failed)

    async def _refused(self, request: Request, fault: Refused) -> Response:
        metrics.REFUSALS.labels(self.service, fault.rule).inc()
        response = self.answer(request, self.make(request, fault.rule, fault.params))
        if response.status_code == 429:
            response.headers["Retry-After"] = str(fault.params["seconds"])
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    async def _stale(self, request: Request, fault: StaleVersion) -> Response:
        if "if-match" in request.headers:
            params = {"actual": fault.actual, "expected": fault.expected}
            return self.answer(request, self.make(request, "request.precondition_failed", params))
        return self.answer(request, self.make(request, "request.stale"))

    def _rule(self, rule: str) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def handler(request: Request, _fault: Exception) -> Response:
            return self.answer(request, self.make(request, rule))

        return handler

    async def _forbidden(self, request: Request, fault: Forbidden) -> Response:
        if isinstance(fault, ForeignRequest):
            return self.answer(request, self.make(request, "access.csrf"))
        return self.answer(request, self.make(request, "access.forbidden", {"action": fault.action}))

    async def _unauthenticated(self, request: Request, _fault: Unauthenticated) -> Response:
        if wants_json(request) or request.method not in ("GET", "HEAD"):
            response = self.answer(request, self.make(request, "access.login_needed"))
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(back, safe='')}", 303)

    async def _invalid(self, request: Request, fault: RequestValidationError) -> Response:
        errors = [
            {"where": cleared(".".join(map(str, error["loc"]))), "what": error["msg"], "kind": error["type"]}
            for error in fault.errors()
        ]
        first = errors[0] if errors else {"where": "", "what": ""}
        params = {"detail": f"{first['where']}: {first['what']}"}
        return self.answer(request, self.make(request, "request.invalid", params, errors=errors))

    async def _http(self, request: Request, fault: HTTPException) -> Response:
        rule = {404: "request.not_found", 405: "request.method_not_allowed", 413: "request.too_large"}.get(
            fault.status_code, "request.invalid"
        )
        params = {"detail": fault.detail, "limit": fault.detail}
        problem = self.make(request, rule, params, status=fault.status_code)
        response = self.answer(request, problem)
        response.headers.update(fault.headers or {})
        if fault.status_code == 405:
            response.headers["Allow"] = ", ".join(methods_of(request.app, request.url.path))
        return response

    async def _not_ready(self, request: Request, fault: Exception) -> Response:
        log.warning("not ready", fault=repr(fault), path=request.url.path)
        return self.answer(request, self.make(request, "request.not_ready"))

    async def _unreadable(self, request: Request, fault: Exception) -> Response:
        """A text that no `Readable` has looked at met the database, which keeps no such character."""
        log.warning("unreadable text", fault=repr(fault), path=request.url.path)
        return self.answer(request, self.make(request, "text.readable"))

    async def _not_taken(self, request: Request, fault: Exception) -> Response:
        if isinstance(fault.__cause__, UnicodeEncodeError):
            return await self._unreadable(request, fault)
        return await self._failed(request, fault)

    async def _failed(self, request: Request, fault: Exception) -> Response:
        """Called outside all middleware: what these would have done is done here."""
        with resumed(request.scope) as correlation:
            log.error("request failed", path=request.url.path, exc_info=fault)
            response = self.answer(request, self.make(request, "request.failed", {"correlation": correlation}))
            response.headers[CORRELATION] = correlation
            return response
