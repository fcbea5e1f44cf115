from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.members.domain.office import EMPTY, AssignOffice, EndOffice, Offices, decide, evolve
from shared.events.base import Event
from shared.events.members import Office, OfficeAssigned, OfficeEnded
from shared.refusal import Refused

BEGIN = date(2025, 1, 1)
MIDDLE = date(2026, 1, 1)
END = date(2027, 1, 1)
SECRETARY = Office.CELL_SECRETARY
MINUTES = Office.MINUTE_TAKER


def assign(assignment: str, account: str, office: Office, from_on: date, until_on: date | None = None) -> AssignOffice:
    return AssignOffice(assignment, "cell-1", account, office, from_on, until_on)


def given(*commands: AssignOffice | EndOffice) -> Offices:
    state = EMPTY
    for command in commands:
        for event in decide(state, command):
            state = evolve(state, event)
    return state


def refused(state: Offices, command: AssignOffice | EndOffice) -> str:
    with pytest.raises(Refused) as caught:
        decide(state, command)
    return caught.value.rule


def test_an_office_is_assigned_for_a_term():
    assert decide(EMPTY, assign("a1", "hoa", SECRETARY, BEGIN, END)) == [
        OfficeAssigned(
            assignment="a1", account="hoa", office=SECRETARY, organisation="cell-1", from_on=BEGIN, until_on=END
        )
    ]


@pytest.mark.parametrize("until_on", [BEGIN, BEGIN - timedelta(days=1)])
def test_a_term_that_ends_before_it_begins_is_refused(until_on):
    assert refused(EMPTY, assign("a1", "hoa", SECRETARY, BEGIN, until_on)) == "office.ends_after_it_begins"


def test_the_same_office_is_not_held_twice_at_the_same_time():
    state = given(assign("a1", "hoa", MINUTES, BEGIN, END))
    assert refused(state, assign("a2", "hoa", MINUTES, MIDDLE)) == "office.not_held_twice"
    assert refused(state, assign("a2", "hoa", MINUTES, BEGIN - timedelta(days=9), MIDDLE)) == "office.not_held_twice"
    assert decide(state, assign("a2", "hoa", MINUTES, END))
    assert decide(state, assign("a2", "hoa", Office.DEPUTY_SECRETARY, MIDDLE))


def test_a_cell_has_one_secretary_at_a_time_but_several_who_take_minutes():
    state = given(assign("a1", "hoa", SECRETARY, BEGIN, MIDDLE), assign("a2", "hoa", MINUTES, BEGIN))
    assert refused(state, assign("a3", "binh", SECRETARY, BEGIN)) == "office.held_by_one"
    assert decide(state, assign("a3", "binh", SECRETARY, MIDDLE))
    assert decide(state, assign("a3", "binh", MINUTES, BEGIN))


def test_an_assignment_is_recorded_once():
    state = given(assign("a1", "hoa", MINUTES, BEGIN, MIDDLE))
    assert refused(state, assign("a1", "binh", MINUTES, END)) == "office.assigned_once"


def test_an_office_ends_before_its_term_with_a_reason():
    state = given(assign("a1", "hoa", SECRETARY, BEGIN, END))
    (event,) = decide(state, EndOffice("a1", MIDDLE, " Chuyển công tác "))
    assert event == OfficeEnded(
        assignment="a1", account="hoa", organisation="cell-1", ended_on=MIDDLE, reason="Chuyển công tác"
    )
    after = evolve(state, event)
    assert decide(after, assign("a2", "binh", SECRETARY, MIDDLE))
    assert refused(after, assign("a2", "binh", SECRETARY, MIDDLE - timedelta(days=1))) == "office.held_by_one"


def test_an_office_cannot_end_later_than_it_does_or_before_it_began_or_without_reason():
    state = given(assign("a1", "hoa", SECRETARY, BEGIN, END))
    assert refused(state, EndOffice("a1", END, "x")) == "office.ends_earlier"
    assert refused(state, EndOffice("a1", BEGIN - timedelta(days=1), "x")) == "office.ends_after_it_begins"
    assert refused(state, EndOffice("a1", MIDDLE, "  ")) == "office.reason_given"
    assert refused(state, EndOffice("a9", MIDDLE, "x")) == "office.known"


def test_a_term_withdrawn_on_its_first_day_stands_in_nobodys_way():
    state = given(assign("a1", "hoa", SECRETARY, MIDDLE), EndOffice("a1", MIDDLE, "Ghi nhầm"))
    assert decide(state, assign("a2", "hoa", SECRETARY, BEGIN))


def test_an_event_of_another_stream_is_an_error_to_see():
    class _Foreign(Event): ...

    with pytest.raises(TypeError):
        evolve(EMPTY, _Foreign())


@pytest.mark.parametrize("office", [Office.OPERATOR, Office.DATA_PROTECTION_OFFICER])
def test_only_the_operator_assigns_and_ends_the_offices_that_watch_over_the_others(office):
    order = assign("a1", "hoa", office, BEGIN)
    assert refused(EMPTY, order) == "office.assigned_by_operator"
    state = given(replace(order, by_operator=True))
    assert refused(state, EndOffice("a1", END, "Hết nhiệm kỳ")) == "office.assigned_by_operator"
    assert decide(state, EndOffice("a1", END, "Hết nhiệm kỳ", by_operator=True))
