"""Where who reads a page may go: the header is the same in all four services."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from shared.auth.permissions import PERMISSIONS, SIGNED_IN
from shared.auth.reader import Reader
from shared.events.members import Office
from shared.web.i18n import Lazy, lazy

OFFICE_NAMES: Final[dict[Office, Lazy]] = {
    Office.INSPECTOR: lazy("Ủy ban Kiểm tra"),
    Office.COMMITTEE_OFFICE: lazy("Văn phòng cấp ủy"),
    Office.CELL_SECRETARY: lazy("Bí thư chi bộ"),
    Office.DEPUTY_SECRETARY: lazy("Phó bí thư chi bộ"),
    Office.MINUTE_TAKER: lazy("Thư ký ghi biên bản"),
    Office.DATA_PROTECTION_OFFICER: lazy("Cán bộ bảo vệ dữ liệu"),
    Office.OPERATOR: lazy("Quản trị hệ thống"),
    Office.MEMBER: lazy("Đảng viên"),
}


def office_name(office: Office | None) -> str:
    """The office in the reader's language; empty for none."""
    return str(OFFICE_NAMES[office]) if office else ""


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the header."""

    path: str
    label: Lazy
    actions: tuple[str, ...]  # shown to whoever holds an office that allows one of them


PLACES: Final = (
    Place("/inspection/wall", lazy("Giám sát"), ("supervision.read",)),
    Place("/inspection/signals", lazy("Dấu hiệu"), ("supervision.read",)),
    Place("/meetings", lazy("Sinh hoạt"), ("meeting.read",)),
    Place("/members", lazy("Tổ chức, đảng viên"), ("roster.read", "office.assign", "person.readings")),
    Place("/notifications", lazy("Thông báo"), (SIGNED_IN,)),
)


@dataclass(frozen=True, slots=True)
class NavItem:
    path: str
    label: str
    current: bool


def nav_of(request: Request, reader: Reader | None) -> list[NavItem]:
    """The reader's places; the one this page lies under is current (the longest path wins)."""
    if reader is None:
        return []
    held = set(reader.offices)
    mine = [p for p in PLACES if any(action == SIGNED_IN or held & PERMISSIONS[action] for action in p.actions)]
    here = request.url.path
    under = [p.path for p in mine if here == p.path or here.startswith(f"{p.path}/")]
    current = max(under, key=len, default="")
    return [NavItem(p.path, str(p.label), p.path == current) for p in mine]
