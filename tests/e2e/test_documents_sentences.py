"""What the source documents say of a commune and of a bloc comes out of the views over the demonstration.

Seed 003: 19 cells and 229 members, one cell of 22 that meets on the 10th. Seed 001: most cells hold 11-12 regular
meetings a year, some miss 4-5; 90% attendance in the surveyed cells; 4-5 thematic meetings in some, 1-2 in others;
over half of those who attend speak in many.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from deploy.local.demo.logins import phieng_loi
from deploy.local.demo.story import BLOC, COMMUNE, cells, surveyed
from shared.vietnam import period_of
from tests.e2e.cell import NOW
from tests.support.people import Person

MONTHS_AGO = [divmod(NOW.year * 12 + NOW.month - 1 - back, 12) for back in range(1, 13)]
LAST_YEAR = [f"{year}-{month + 1:02d}" for year, month in MONTHS_AGO]
OF_BLOC = {cell.id for cell in cells() if cell.parent != COMMUNE}  # of the story: tests found cells of their own

Months = dict[str, dict[str, dict[str, int]]]  # cell -> period -> counters


@pytest.fixture(scope="module")
def bloc(login: Callable[[str], Person]) -> Months:
    """The last twelve full months of every cell of the bloc, as its inspection committee sees them."""
    inspector = login("ubkt.khoi")
    found: Months = {}
    for year in sorted({int(period[:4]) for period in LAST_YEAR}):
        after = None
        while True:
            page = inspector.read(f"/inspection/api/v1/organisations/{BLOC}/wall", year=year, limit=100, after=after)
            for row in page["items"]:
                months = {month["period"]: month["counts"] for month in row["months"] if month["period"] in LAST_YEAR}
                found.setdefault(row["cell"], {}).update(months)
            after = page["next"]
            if after is None:
                break
    return {cell: months for cell, months in found.items() if cell in OF_BLOC}


def of_year(months: dict[str, dict[str, int]], *names: str) -> int:
    return sum(counts[name] for counts in months.values() for name in names)


@pytest.mark.practice(75)
def test_the_commune_has_19_cells_and_229_members(login: Callable[[str], Person]) -> None:
    sums = login("ubkt.xa").read(f"/inspection/api/v1/organisations/{COMMUNE}/sums", year=NOW.year)
    assert (sums["cells"], sums["members"]) == (19, 229)


@pytest.mark.practice(34)
@pytest.mark.practice(75)
def test_one_cell_of_22_members_meets_on_the_10th(login: Callable[[str], Person]) -> None:
    inspector = login("ubkt.xa")
    page = inspector.read(f"/inspection/api/v1/organisations/{COMMUNE}/wall", year=NOW.year, name="Phiêng Lơi")
    (row,) = page["items"]
    assert (row["cell"], row["members"]) == (phieng_loi(), 22)
    held_on = [month["held_on"] for month in row["months"] if month["counts"]["held"]]
    assert {date.fromisoformat(day).day for day in held_on} <= {10}
    node = login("vanphong").read(f"/members/api/v1/organisations/{phieng_loi()}")
    assert node["fixed_meeting_day"] == 10


@pytest.mark.practice(54)
@pytest.mark.practice(62)
def test_most_cells_hold_11_or_12_regular_meetings_a_year_and_some_miss_4_or_5(bloc: Months) -> None:
    held = [of_year(months, "held", "late") for months in bloc.values()]
    assert sum(number >= 11 for number in held) > len(held) * 0.9
    missed = [of_year(months, "missed") for months in bloc.values()]
    assert 0 < sum(number in (4, 5) for number in missed) < len(missed) * 0.1
    assert max(missed) == 5


@pytest.mark.practice(55)
def test_the_surveyed_cells_attend_at_90_percent(bloc: Months) -> None:
    """Within a point: 47 cells with some 4,000 invitations a year, each drawn at 90%, vary by half a point."""
    rates = [bloc[cell] for cell in surveyed()]
    assert len(rates) == 47
    present, due = (sum(of_year(months, name) for months in rates) for name in ("present", "due"))
    assert present / due == pytest.approx(0.90, abs=0.01)


@pytest.mark.practice(56)
def test_some_cells_hold_4_or_5_thematic_meetings_a_year_and_others_1_or_2(bloc: Months) -> None:
    thematic = [of_year(months, "thematic") for months in bloc.values()]
    for numbers in ((4, 5), (1, 2)):
        assert sum(number in numbers for number in thematic) > len(thematic) * 0.2


@pytest.mark.practice(14)
def test_in_many_cells_over_half_of_those_who_attend_speak(bloc: Months) -> None:
    rates = [of_year(months, "spoke") / of_year(months, "present") for months in bloc.values()]
    assert sum(rate > 0.5 for rate in rates) > len(rates) * 0.5


@pytest.mark.practice(62)
def test_the_inspection_committee_is_told_of_the_months_that_were_missed(
    bloc: Months, login: Callable[[str], Person]
) -> None:
    """Of months whose last day is a month back at most: older gaps stand on the wall and tell nobody."""
    yesterday = NOW.replace(day=1) - timedelta(days=1)
    period = period_of(yesterday)
    assert period == LAST_YEAR[0]
    missed = {cell for cell, months in bloc.items() if months.get(period, {}).get("missed")}
    inbox: list[Any] = []
    cursor = None
    while True:
        page = login("ubkt.khoi").read("/notifications/api/v1/inbox", limit=100, cursor=cursor)
        inbox += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    told = {notice["organisation"] for notice in inbox if notice["rule"] == "cell_month.missed"}
    assert told == missed
