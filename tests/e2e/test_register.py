"""The register from the outside: a roster file with good and bad rows, and a person who is erased for ever."""

from collections.abc import Callable, Iterator

import pytest

from deploy.local.demo.story import COMMUNE
from tests.e2e.cell import MEETINGS, MEMBERS, NAMES, ROSTER, Cell, a_cell, xlsx
from tests.e2e.test_main_job import call, items, opened
from tests.support.browsing import Visitor, visiting
from tests.support.deployment import Deployment
from tests.support.people import Person

FILE = (
    ("Người Thử Sáu", "1975", "03/02/2000", "03/02/2001", None),
    ("Người Thử Bảy", "32/13/1975", "03/02/2000", None, None),
    ("Người Thử Tám", "1980", None, None, None),
    *ROSTER[:2],
)


def test_a_roster_is_tried_first_and_its_good_rows_are_taken_in_whatever_the_bad_ones(cell: Cell) -> None:
    tried = cell.bring(xlsx(FILE), dry_run=True)
    assert (tried["total"], tried["good"], tried["known"]) == (5, 1, 2)
    assert {bad["row"]: bad["rules"] for bad in tried["bad"]} == {
        3: ["import.date_readable"],
        4: ["import.admission_day_given"],
    }
    assert all(reason for bad in tried["bad"] for reason in bad["reasons"])
    assert {one["full_name"] for one in cell.roll()} == set(NAMES)
    taken = cell.bring(xlsx(FILE))
    assert taken["good"] == 1
    assert taken["bad"] == tried["bad"]
    assert {one["full_name"] for one in cell.roll(taken["position"])} == {*NAMES, "Người Thử Sáu"}
    assert cell.bring(xlsx(FILE))["good"] == 0


def test_only_the_committee_office_brings_in_a_roster(cell: Cell) -> None:
    answer = cell.secretary.http.post(
        f"{MEMBERS}/organisations/{cell.id}/roster-imports", files={"file": ("a.xlsx", xlsx(ROSTER))}
    )
    assert (answer.status_code, answer.json()["rule"]) == (403, "access.forbidden")


@pytest.fixture
def commune_cell(deployment: Deployment, login: Callable[[str], Person]) -> Iterator[Cell]:
    """A cell of the commune, which has a data protection officer."""
    with a_cell(deployment.url, login("vanphong"), COMMUNE) as made:
        yield made


def test_an_erased_person_is_gone_from_every_page_and_the_log_stays_whole(
    commune_cell: Cell, deployment: Deployment, login: Callable[[str], Person]
) -> None:
    cell, officer = commune_cell, login("baove")
    name, by_name = NAMES[3], {one["full_name"]: one["member"] for one in cell.roll()}
    members = [by_name[one] for one in NAMES]
    meeting = opened(cell, members)
    room, secretary = f"{MEETINGS}/{meeting}", cell.secretary
    secretary.do(f"{room}/attendance", {"records": [call(member) for member in members[:4]]})
    item = items(secretary, meeting)
    secretary.do(f"{room}/statements", {"item": item["discussion"], "speaker": members[3], "text": "Tôi nhất trí."})
    with visiting(deployment.url) as visitor:
        visitor.log_in(*cell.login_of(secretary))
        pages = [f"/meetings/{meeting}?step={step}" for step in ("roll", "talk", "tasks", "close")]
        pages += [f"/meetings/{meeting}/minutes", f"/meetings?cell={cell.id}", f"/members/organisations/{cell.id}"]
        assert name in _text(visitor, pages)
        cell.leave(members[3])
        done = officer.do(f"{MEMBERS}/members/{members[3]}/erasure", {"reason": "Theo yêu cầu của chủ thể dữ liệu"})
        secretary.read(f"{MEMBERS}/cells/{cell.id}/members", at=done.position)
        visitor.until(lambda: name not in _text(visitor, pages))
        assert NAMES[1] in _text(visitor, pages)
        kept = visitor.page(f"/meetings/{meeting}/minutes")
        assert "Tôi nhất trí." in kept
    record = cell.office.read(f"{MEMBERS}/members/{members[3]}")
    assert (record["erased"], record["full_name"], record["birth_date"]) == (True, None, None)
    if deployment.data is not None:
        deployment.chibo("verify")


def _text(visitor: Visitor, pages: list[str]) -> str:
    return "\n".join(visitor.page(path) for path in pages)
