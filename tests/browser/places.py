"""Every page of the four services that somebody of the demonstration comes to."""

from typing import Final

from deploy.local.demo.load import member_id
from deploy.local.demo.logins import phieng_loi
from deploy.local.demo.story import BLOC, COMMUNE, cells
from services.meetings.handlers import regular_id
from tests.e2e.cell import NOW, PERIOD

CELL: Final = phieng_loi()
COMMITTEE: Final = next(str(cell.parent) for cell in cells() if cell.parent != COMMUNE)
LAST_MONTH: Final = f"{NOW.year - (NOW.month == 1)}-{(NOW.month - 2) % 12 + 1:02d}"
HELD: Final = regular_id(CELL, LAST_MONTH)

PAGES: Final[dict[str, tuple[str, ...]]] = {
    "": ("/login", "/demo"),
    "ubkt.khoi": (
        f"/inspection/wall/{BLOC}",
        f"/inspection/wall/{BLOC}?cells=all&sort=missing",
        f"/inspection/wall/{COMMITTEE}",
        "/inspection/signals",
        "/notifications",
        "/meetings",
        "/members",
    ),
    "ubkt.xa": (f"/inspection/wall/{COMMUNE}", f"/inspection/cells/{CELL}", f"/meetings/{HELD}/minutes"),
    "bithu": (
        "/meetings",
        f"/meetings/plan?cell={CELL}&period={PERIOD}",
        f"/meetings/{HELD}",
        f"/meetings/{HELD}/minutes",
        "/members",
        f"/members/organisations/{CELL}",
        f"/members/people/{member_id(CELL, 3)}",
        "/members/me",
        "/members/password",
        "/notifications",
        "/không-có",
    ),
    "vanphong": (
        "/members",
        f"/members/organisations/{COMMUNE}",
        f"/members/organisations/{CELL}/members/new",
        f"/members/organisations/{CELL}/offices",
        "/members/import",
    ),
    "baove": ("/members/readings",),
    "quantri": ("/members", "/notifications"),
}
