import re

import pytest
from jinja2 import UndefinedError

from shared.web import local_path, render, see_other, speaking
from shared.web.render import environment
from shared.web.tests.conftest import MakeRequest


def problem(request, **values):
    return render(
        request,
        "problem.html",
        status=409,
        **{"title": "Kỳ sinh hoạt đã đóng", "detail": "Không ghi thêm được."} | values,
    ).body.decode()


def test_the_header_shows_the_readers_places_and_marks_the_current_one(a_request: MakeRequest) -> None:
    html = problem(a_request("/inspection/wall/thanh-minh"))
    assert 'href="/inspection/wall" aria-current="page"' in html
    assert html.count('aria-current="page"') == 1
    assert "Ủy ban Kiểm tra" in html
    assert "Đảng bộ xã Thanh Minh" in html
    assert 'href="/members"' in html


def test_a_page_is_shown_to_somebody_who_is_not_logged_in(a_request: MakeRequest) -> None:
    html = problem(a_request(reader=None))
    assert "Đăng xuất" not in html
    assert "<nav" not in html


def test_an_error_names_its_rule_and_source(a_request: MakeRequest) -> None:
    html = problem(a_request(), rule="meeting.open_to_record", source="42-HD/BTCTW")
    assert "meeting.open_to_record" in html
    assert "42-HD/BTCTW" in html
    assert "data-problem" in html


def test_text_from_people_is_escaped(a_request: MakeRequest) -> None:
    assert "<script>alert" not in problem(a_request(), detail="<script>alert(1)</script>")


def test_a_page_that_asks_for_an_unknown_value_fails_loudly() -> None:
    with pytest.raises(UndefinedError):
        environment.from_string("{{ nothing_by_this_name }}").render()


def test_every_form_has_its_own_key() -> None:
    page = environment.from_string("{{ idempotency_field() }}{{ idempotency_field() }}").render()
    first, second = re.findall(r'name="idempotency_key" value="([^"]+)"', page)
    assert first != second


def test_the_log_out_form_carries_the_sessions_token(a_request: MakeRequest) -> None:
    assert '<input type="hidden" name="csrf" value="token-1">' in problem(a_request())


def test_a_page_in_english_says_so(a_request: MakeRequest) -> None:
    with speaking("en"):
        html = problem(a_request())
    assert '<html lang="en">' in html
    assert "Log out" in html


def test_a_message_is_said_once(a_request: MakeRequest) -> None:
    sent = see_other("/meetings/1?x=2", message="Đã gửi biên bản; cảm ơn", at="meetings.2.4711")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/meetings/1?x=2&at=meetings.2.4711"
    cookie = sent.headers["set-cookie"].partition(";")[0]
    shown = render(a_request(cookie=cookie), "problem.html", title="Biên bản", detail="")
    assert "Đã gửi biên bản; cảm ơn" in shown.body.decode()
    assert 'chibo_flash=""' in shown.headers["set-cookie"]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "meetings", "", None, "/a\nb"]
)
def test_nobody_is_sent_to_another_host(elsewhere: str | None) -> None:
    assert local_path(elsewhere) == "/"
    assert local_path("/meetings?x=1") == "/meetings?x=1"
