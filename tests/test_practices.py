"""What is said of the practices of the source documents is so: a row that works is shown by tests."""

import pytest

from deploy.local.practices import NUMBERS, PAGE, SIGNS, Practice, marks, page, practices


@pytest.fixture(scope="module")
def listed() -> dict[int, Practice]:
    return {one.number: one for one in practices()}


def test_each_practice_has_one_row(listed: dict[int, Practice]) -> None:
    assert [one.number for one in practices()] == list(NUMBERS)
    assert [one.number for one in listed.values() if not one.name or one.status not in SIGNS] == []


def test_a_practice_said_to_work_says_where_and_a_test_carries_its_number(listed: dict[int, Practice]) -> None:
    shown = marks()
    assert [one.number for one in listed.values() if one.works and not shown[one.number]] == [], "no test shows these"
    assert [one.number for one in listed.values() if bool(one.status) != bool(one.where)] == [], "say where, or nothing"


def test_a_mark_names_a_practice_that_works_at_least_in_part(listed: dict[int, Practice]) -> None:
    lost = {
        number: [test.name for test in shown]
        for number, shown in marks().items()
        if number not in listed or not listed[number].status
    }
    assert lost == {}


def test_the_page_of_practices_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `chibo practices --write` and commit docs/practices.md"
