"""The page a person sees when something was refused or went wrong: what, by which rule and source, and what to do."""

from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.auth.permissions import PERMISSIONS
from shared.web.i18n import _, language_of, lazy, speaking
from shared.web.places import OFFICE_NAMES
from shared.web.render import render
from shared.web.security import HEADERS

_REFUSED: Final = lazy("Chưa thực hiện được")
_OURS: Final = lazy("Hệ thống gặp trục trặc")
HEADINGS: Final = {403: lazy("Bạn chưa có quyền làm việc này"), 404: lazy("Không tìm thấy")}
NEXT_STEP: Final = {
    403: lazy("Nếu cần phần này cho công việc, đề nghị văn phòng cấp ủy giao nhiệm vụ tương ứng."),
    404: lazy("Kiểm tra lại địa chỉ, hoặc đi từ trang đầu."),
    409: lazy("Quay lại, tải lại trang để thấy nội dung mới nhất, rồi làm tiếp."),
    412: lazy("Quay lại, tải lại trang để thấy nội dung mới nhất, rồi làm tiếp."),
    422: lazy("Quay lại để sửa; những gì đã nhập vẫn còn trên máy này."),
    500: lazy("Thử lại sau ít phút. Nếu vẫn lỗi, báo quản trị hệ thống kèm mã bên dưới."),
    503: lazy("Thử lại sau ít phút; những gì đã nhập vẫn còn trên máy này."),
}


class Shown(Protocol):
    """What `shared.http` says of a fault (RFC 9457 problem details)."""

    status: int
    detail: str
    rule: str
    source: str
    correlation: str
    params: dict[str, Any]


def problem_page(request: Request, problem: Shown) -> HTMLResponse:
    """`problem` as a page, in the reader's language; also when it is written outside the middleware (status 500)."""
    with speaking(language_of(request.headers.get("cookie", ""))):
        heading = HEADINGS.get(problem.status, _OURS if problem.status >= 500 else _REFUSED)
        todo = NEXT_STEP.get(problem.status)
        page = render(
            request,
            "problem.html",
            status=problem.status,
            title=str(heading),
            detail=problem.detail,
            rule=problem.rule,
            source=problem.source,
            who=_allowed_to(problem.params.get("action", "")),
            todo=str(todo) if todo else _("Quay lại và thử cách khác."),
            back=_came_from(request),
            correlation=problem.correlation,
        )
    for name, value in HEADERS.items():
        page.headers[name] = value
    return page


def _allowed_to(action: str) -> str:
    """The offices that may do ``action``, in words: who to turn to."""
    offices = PERMISSIONS.get(action, frozenset())
    return ", ".join(str(name) for office, name in OFFICE_NAMES.items() if office in offices)


def _came_from(request: Request) -> str:
    """The page of ours the reader was on, if the browser says it."""
    before = urlsplit(request.headers.get("referer", ""))
    if before.netloc != request.headers.get("host") or before.path == request.url.path == "/":
        return ""
    return before.path + (f"?{before.query}" if before.query else "")
