"""The story says what the source documents say, whenever it is told."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.local.demo import story
from deploy.local.demo.logins import LOGINS, phieng_loi
from deploy.local.demo.story import COMMUNE, Held
from shared.clock import VIETNAM, vietnam_date
from shared.events.meetings import MeetingKind

TODAY = date(2026, 11, 22)


FIRSTS = [date(2027, month, 1) for month in range(1, 13)]
DAYS = st.one_of(st.sampled_from([TODAY, *FIRSTS, date(2028, 2, 29)]), st.dates(date(2025, 1, 1), date(2028, 12, 31)))
WHENEVER = settings(max_examples=15, deadline=None)


@pytest.fixture(scope="module")
def told() -> list[Held]:
    return story.meetings(TODAY)


def full_months(today: date) -> list[str]:
    """The last twelve months that are over, the latest last."""
    number = today.year * 12 + today.month - 1
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(number - 12, number)]


def last_year(told: list[Held], kind: MeetingKind, today: date) -> Counter[str]:
    """Meetings of each cell of the bloc in the last twelve full months."""
    full = full_months(today)
    found = Counter({cell.id: 0 for cell in story.cells() if cell.parent != COMMUNE})
    found.update(h.cell.id for h in told if h.kind is kind and h.period in full and h.cell.parent != COMMUNE)
    return found


def test_the_commune_has_19_cells_and_229_members_one_of_22_that_meets_on_the_10th() -> None:
    cells = [cell for cell in story.cells() if cell.parent == COMMUNE]
    assert (len(cells), sum(cell.members for cell in cells)) == (19, 229)
    (one,) = [cell for cell in cells if cell.id == phieng_loi()]
    assert (one.members, one.day) == (22, 10)


def test_the_bloc_has_the_cells_the_documents_count() -> None:
    names = {place.id: place.name for place in story.places()}
    cells = Counter(names[cell.parent or ""] for cell in story.cells())
    assert cells["Đảng bộ Ban Tuyên giáo Trung ương"] == 28
    assert cells["Đảng bộ cơ quan Ủy ban Kiểm tra Trung ương"] == 14
    assert cells["Đảng bộ Trung ương Đoàn TNCS Hồ Chí Minh"] == 22
    assert len({cell.country for cell in story.cells()} - {"VN"}) == 15
    assert len(story.surveyed()) == 47


@WHENEVER
@given(DAYS)
def test_most_cells_meet_eleven_or_twelve_times_a_year_and_some_miss_four_or_five(today: date) -> None:
    held = last_year(story.meetings(today), MeetingKind.REGULAR, today)
    regular = sum(count >= 11 for count in held.values())
    lacking = sum(7 <= count <= 8 for count in held.values())
    assert regular / len(held) > 0.8
    assert 3 <= lacking <= len(held) * 0.15


@WHENEVER
@given(DAYS)
def test_many_cells_have_four_or_five_thematic_meetings_and_many_one_or_two(today: date) -> None:
    held = last_year(story.meetings(today), MeetingKind.THEMATIC, today)
    assert sum(4 <= count <= 5 for count in held.values()) / len(held) > 0.3
    assert sum(1 <= count <= 2 for count in held.values()) / len(held) > 0.3


@WHENEVER
@given(DAYS)
def test_all_cells_of_the_commune_meet_within_the_window_every_month(today: date) -> None:
    told = story.meetings(today)
    regular = [h for h in told if h.cell.parent == COMMUNE and h.kind is MeetingKind.REGULAR]
    assert all(vietnam_date(h.opened_at).day <= story.LAST_DAY for h in regular)
    assert all(sum(h.period == period for h in regular) == 19 for period in full_months(today))


@pytest.mark.parametrize("today", [*FIRSTS, *(first.replace(day=28) for first in FIRSTS)], ids=str)
def test_some_cell_of_the_bloc_missed_last_month_so_that_its_inspectors_are_told(today: date) -> None:
    last = full_months(today)[-1]
    told = {h.cell.id for h in story.meetings(today) if h.kind is MeetingKind.REGULAR and h.period == last}
    month = int(last[5:])
    of_bloc = [cell for cell in story.cells() if cell.parent != COMMUNE]
    skipping = {cell.id for index, cell in enumerate(of_bloc) if month in story.habits(cell, index).skips}
    assert 2 <= len(skipping) <= len(of_bloc) / 5
    assert not skipping & told


@WHENEVER
@given(DAYS)
def test_nothing_of_it_lies_ahead_and_no_month_is_met_twice(today: date) -> None:
    told = story.meetings(today)
    assert all(vietnam_date(held.opened_at) < today for held in told)
    assert all(held.opened_at.tzinfo is VIETNAM for held in told)
    once = Counter((h.cell.id, h.period) for h in told if h.kind is MeetingKind.REGULAR)
    assert max(once.values()) == 1


def test_the_same_day_tells_the_same_story(told: list[Held]) -> None:
    assert story.meetings(TODAY) == told


def test_every_login_is_its_own() -> None:
    assert len({login.name for login in LOGINS}) == len({login.account for login in LOGINS}) == len(LOGINS)
