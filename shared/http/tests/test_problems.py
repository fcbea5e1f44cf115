"""Every fault becomes one clear answer, in the reader's language, that names the rule."""

from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.responses import PlainTextResponse, Response

from shared.auth.model import Forbidden, Unauthenticated
from shared.eventlog import KeyReused, StaleVersion
from shared.http.added import AddedHeaders
from shared.http.answers import expected_version
from shared.http.problems import Problem, Problems
from shared.http.texts import RuleText, RuleTexts
from shared.refusal import Refused
from shared.telemetry.correlation import CorrelationMiddleware, named

FAULTS: dict[str, Exception] = {
    "refused": Refused("request.too_large", limit="1 MB"),
    "half": Refused("request.invalid", detail="half a letter: \ud800"),
    "stale": StaleVersion("meeting:1", 3, 4),
    "reused": KeyReused("k"),
    "forbidden": Forbidden("meeting.record", "org"),
    "nobody": Unauthenticated(),
    "gone": ConnectionError("redis"),
    "full": asyncpg.DiskFullError("could not extend file"),
    "stopping": asyncpg.AdminShutdownError("terminating connection"),
    "bug": ZeroDivisionError(),
}


class Body(BaseModel):
    quantity: int


def page(_request: Request, problem: Problem) -> Response:
    return PlainTextResponse(f"PAGE {problem.rule}", problem.status)


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()

    @app.get("/api/{fault}")
    @app.get("/page/{fault}")
    async def raise_fault(fault: str) -> None:
        raise FAULTS[fault]

    @app.put("/api/{fault}")
    async def put_fault(fault: str) -> None: ...

    @app.post("/api/body")
    async def take(body: Body) -> int:
        return body.quantity

    Problems("meetings", RuleTexts(), lambda: "vi", page).install(app)
    app.add_middleware(AddedHeaders, named)
    app.add_middleware(CorrelationMiddleware)
    return app


@pytest.fixture
async def client(app: FastAPI) -> Any:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://chibo") as opened:
        yield opened


@pytest.mark.parametrize(
    ("fault", "status", "rule"),
    [
        ("refused", 413, "request.too_large"),
        ("half", 422, "request.invalid"),
        ("stale", 409, "request.stale"),
        ("reused", 422, "request.key_reused"),
        ("forbidden", 403, "access.forbidden"),
        ("nobody", 401, "access.login_needed"),
        ("gone", 503, "request.not_ready"),
        ("full", 503, "request.not_ready"),
        ("stopping", 503, "request.not_ready"),
        ("bug", 500, "request.failed"),
    ],
)
async def test_a_program_is_told_the_rule_as_problem_details(
    client: httpx.AsyncClient, fault: str, status: int, rule: str
) -> None:
    answer = await client.get(f"/api/{fault}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["rule"] == rule
    assert answer.json()["type"] == f"urn:chibo:rule:{rule}"
    assert answer.json()["title"] != rule, "the rule has a sentence"


async def test_a_person_is_shown_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/page/stale", headers={"accept": "text/html"})
    assert (answer.status_code, answer.text) == (409, "PAGE request.stale")


async def test_a_page_nobody_may_see_yet_leads_to_the_login_and_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/page/nobody?at=1", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fpage%2Fnobody%3Fat%3D1"


async def test_a_stale_version_that_was_named_fails_the_precondition(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/stale", headers={"if-match": '"3"'})
    assert (answer.status_code, answer.json()["rule"]) == (412, "request.precondition_failed")
    assert "4" in answer.json()["detail"]


async def test_content_that_is_not_valid_names_the_field(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/body", json={"quantity": "nhiều"})
    assert (answer.status_code, answer.json()["rule"]) == (422, "request.invalid")
    assert answer.json()["errors"][0]["where"] == "body.quantity"


async def test_an_address_that_is_not_there_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/x/y/z")
    assert (answer.status_code, answer.json()["rule"]) == (404, "request.not_found")


@pytest.mark.parametrize(("header", "version"), [('"7"', 7), ("7", 7), ("*", None), (None, None)])
async def test_if_match_names_the_version_seen(header: str | None, version: int | None) -> None:
    assert await expected_version(header) == version


@pytest.mark.parametrize("header", ['W/"seven"', "²", '"99999999999999999999"', '"1","2"', ""])
async def test_if_match_that_cannot_be_read_is_refused(header: str) -> None:
    with pytest.raises(Refused, match=r"request\.invalid"):
        await expected_version(header)


async def test_an_unforeseen_fault_tells_the_reference_under_which_it_is_logged(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/bug", headers={"X-Correlation-Id": "a-reference-of-ours"})
    assert answer.json()["correlation"] == answer.headers["x-correlation-id"] == "a-reference-of-ours"
    assert "a-reference-of-ours" in answer.json()["detail"]


async def test_an_address_that_takes_no_such_method_names_all_it_takes(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/api/bug")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PUT")


async def test_a_program_that_is_not_logged_in_is_told_how(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/nobody")).headers["www-authenticate"] == "Bearer"


def test_every_generic_refusal_is_said_in_both_languages() -> None:
    for text in RuleTexts():
        assert text.vi
        assert text.en
        assert text.vi != text.en
        assert text.source


def test_a_text_without_its_parameter_still_says_something() -> None:
    assert "…" in RuleTexts()["request.too_large"].say("vi", {})


def test_a_practice_that_a_rule_rests_on_is_named_in_the_readers_language() -> None:
    text = RuleText("task.complete", "…", "…", "practice 13: giao việc có thời hạn")
    assert text.basis("vi") == "thông lệ số 13: giao việc có thời hạn"
    assert text.basis("en") == "practice 13: giao việc có thời hạn"
