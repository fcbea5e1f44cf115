"""Who reads a page, and where they may go: the header is the same in all four services."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import asyncpg
from starlette.requests import Request

from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS, SIGNED_IN
from shared.events.members import Office
from shared.web.i18n import Lazy, lazy

OFFICE_NAMES: Final[dict[Office, Lazy]] = {  # who holds several is shown by the first of them
    Office.INSPECTOR: lazy("Ủy ban Kiểm tra"),
    Office.COMMITTEE_OFFICE: lazy("Văn phòng cấp ủy"),
    Office.CELL_SECRETARY: lazy("Bí thư chi bộ"),
    Office.DEPUTY_SECRETARY: lazy("Phó bí thư chi bộ"),
    Office.MINUTE_TAKER: lazy("Thư ký ghi biên bản"),
    Office.DATA_PROTECTION_OFFICER: lazy("Cán bộ bảo vệ dữ liệu"),
    Office.OPERATOR: lazy("Quản trị hệ thống"),
    Office.MEMBER: lazy("Đảng viên"),
}
_NAME: Final = "SELECT name FROM view_organisations.organisation WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is logged in, as the header says it; `shared.auth` leaves one on ``request.state.reader``."""

    account: str
    offices: Collection[Office]
    office: Office | None = None  # the one shown
    organisation: str = ""  # its organisation's name
    name: str = ""

    @property
    def office_name(self) -> str:
        return str(OFFICE_NAMES[self.office]) if self.office else ""


async def introduce(pool: asyncpg.Pool, actor: Actor) -> Reader:
    """``actor`` by the weightiest office held and the name of its organisation."""
    held = {office.office: office.organisation for office in actor.offices}
    office = next((office for office in OFFICE_NAMES if office in held), None)
    name = await pool.fetchval(_NAME, held[office]) if office else None
    return Reader(actor.account, list(held), office, name or "")


def reader_of(request: Request) -> Reader | None:
    """The reader of this request, or None when nobody is logged in."""
    reader: Reader | None = getattr(request.state, "reader", None)
    return reader


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the header."""

    path: str
    label: Lazy
    action: str  # shown to whoever holds an office that allows it


PLACES: Final = (
    Place("/inspection/wall", lazy("Giám sát"), "supervision.read"),
    Place("/inspection/signals", lazy("Dấu hiệu"), "supervision.read"),
    Place("/meetings", lazy("Sinh hoạt"), "meeting.read"),
    Place("/members", lazy("Tổ chức, đảng viên"), "roster.read"),
    Place("/notifications", lazy("Thông báo"), SIGNED_IN),
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
    mine = [p for p in PLACES if p.action == SIGNED_IN or held & PERMISSIONS[p.action]]
    here = request.url.path
    under = [p.path for p in mine if here == p.path or here.startswith(f"{p.path}/")]
    current = max(under, key=len, default="")
    return [NavItem(p.path, str(p.label), p.path == current) for p in mine]
