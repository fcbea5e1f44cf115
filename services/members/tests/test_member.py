"""What may be recorded of a member, and what is refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce

import pytest

from services.members.domain.member import (
    EMPTY,
    Admit,
    Cell,
    ChangeExemption,
    Correct,
    Erase,
    Leave,
    Member,
    Order,
    Person,
    Recognise,
    decide,
    evolve,
    require_person,
)
from shared.events import Event
from shared.events.members import (
    MemberAdmitted,
    MemberDetailsCorrected,
    MemberLeft,
    MemberRecognisedOfficial,
    MemberStatus,
    OrganisationKind,
    PersonErased,
)
from shared.refusal import Refused

DAY = date(2021, 2, 3)
TODAY = DAY + timedelta(days=900)
NAME = {"full_name": "v1.name"}
CELL = Cell("cell", OrganisationKind.CELL, dissolved=False)
ADMIT = Admit(
    member="an",
    cell=CELL,
    status=MemberStatus.PROBATIONARY,
    admitted_on=DAY,
    official_on=None,
    sealed=NAME,
    exempt=False,
    today=TODAY,
)


def after(*commands: Order) -> Member:
    state = EMPTY
    for command in commands:
        state = reduce(evolve, decide(state, command), state)
    return state


def events(*commands: Order) -> Sequence[Event]:
    return decide(after(*commands[:-1]), commands[-1])


def refused(*commands: Order) -> str:
    with pytest.raises(Refused) as refusal:
        events(*commands)
    return refusal.value.rule


def test_a_member_enters_the_roll_of_a_cell() -> None:
    [event] = events(ADMIT)
    assert isinstance(event, MemberAdmitted)
    assert (event.cell, event.status, event.full_name, event.phone) == ("cell", "probationary", "v1.name", None)
    assert refused(ADMIT, ADMIT) == "member.admitted_once"


def test_a_member_enters_only_a_cell_that_stands() -> None:
    assert refused(replace(ADMIT, cell=None)) == "member.cell_known"
    assert refused(replace(ADMIT, cell=replace(CELL, dissolved=True))) == "member.cell_stands"
    committee = replace(CELL, kind=OrganisationKind.GRASSROOTS_COMMITTEE)
    assert refused(replace(ADMIT, cell=committee)) == "member.cell_is_a_cell"


def test_the_dates_of_a_member_follow_each_other() -> None:
    official = replace(ADMIT, status=MemberStatus.OFFICIAL, official_on=DAY + timedelta(days=365))
    assert events(official)
    assert refused(replace(official, official_on=DAY - timedelta(days=1))) == "member.official_after_admission"
    assert refused(replace(official, official_on=TODAY + timedelta(days=1))) == "member.not_in_future"
    assert refused(replace(ADMIT, admitted_on=TODAY + timedelta(days=1))) == "member.not_in_future"
    assert refused(replace(official, status=MemberStatus.PROBATIONARY)) == "member.official_day_of_an_official"


@pytest.mark.parametrize(
    ("person", "rule"),
    [
        (Person("  "), "member.name_given"),
        (Person("Lò Thị Mẫu", birth_date="2030-01-01"), "member.born_before_admission"),
        (Person("Lò Thị Mẫu", birth_date="1066"), "member.born_before_admission"),
    ],
)
def test_a_person_has_a_name_and_a_sensible_birth_year(person: Person, rule: str) -> None:
    with pytest.raises(Refused) as refusal:
        require_person(person, DAY)
    assert refusal.value.rule == rule


def test_a_birth_year_alone_will_do() -> None:
    require_person(Person("Lò Thị Mẫu", birth_date="1962"), DAY)


def test_a_probationary_member_is_recognised_by_decision_and_once() -> None:
    recognise = Recognise(TODAY, "45-QĐ/ĐU", TODAY)
    assert events(ADMIT, recognise) == [
        MemberRecognisedOfficial(member="an", cell="cell", official_on=TODAY, decision="45-QĐ/ĐU")
    ]
    assert refused(ADMIT, recognise, recognise) == "member.probationary"
    assert refused(ADMIT, replace(recognise, decision="")) == "member.decision_named"
    assert refused(recognise) == "member.known"


def test_a_file_is_corrected_by_decision_only() -> None:
    correct = Correct("46-QĐ/ĐU", {"phone": "v1.phone"})
    assert events(ADMIT, correct) == [
        MemberDetailsCorrected(member="an", cell="cell", decision="46-QĐ/ĐU", phone="v1.phone")
    ]
    assert after(ADMIT, correct).sealed == {"full_name": "v1.name", "phone": "v1.phone"}
    assert refused(ADMIT, replace(correct, decision=" ")) == "member.decision_named"
    assert refused(ADMIT, replace(correct, sealed={})) == "member.something_corrected"


def test_an_exemption_begins_and_ends() -> None:
    begin = ChangeExemption(True, DAY, None, "tuổi cao")
    assert after(ADMIT, begin).exempt
    assert not after(ADMIT, begin, ChangeExemption(False, TODAY, None, "đã khỏe lại")).exempt
    assert refused(ADMIT, begin, begin) == "member.exemption_changes"
    assert refused(ADMIT, replace(begin, reason="")) == "member.reason_given"
    assert refused(ADMIT, replace(begin, until_on=DAY - timedelta(days=1))) == "member.exemption_ends_later"


def test_a_member_who_left_is_not_changed_any_more() -> None:
    leave = Leave(TODAY, "chuyển sinh hoạt", TODAY)
    assert events(ADMIT, leave) == [MemberLeft(member="an", cell="cell", left_on=TODAY, reason="chuyển sinh hoạt")]
    assert refused(ADMIT, leave, leave) == "member.on_the_roll"
    assert refused(ADMIT, leave, Recognise(TODAY, "45-QĐ/ĐU", TODAY)) == "member.on_the_roll"
    assert refused(ADMIT, replace(leave, left_on=DAY - timedelta(days=1))) == "member.leaves_after_admission"
    assert refused(ADMIT, replace(leave, left_on=TODAY + timedelta(days=1))) == "member.not_in_future"


def test_an_erased_person_is_erased_once_and_never_corrected() -> None:
    erase = Erase("theo yêu cầu của chủ thể dữ liệu")
    [event] = events(ADMIT, erase)
    assert isinstance(event, PersonErased)
    assert after(ADMIT, erase).sealed == {}
    assert events(ADMIT, erase, erase) == []
    assert refused(ADMIT, erase, Correct("46-QĐ/ĐU", {"phone": "v1.phone"})) == "member.not_erased"
    assert refused(ADMIT, replace(erase, reason="")) == "member.reason_given"


def test_an_erased_person_still_leaves_the_roll() -> None:
    gone = after(ADMIT, Erase("theo yêu cầu"), Leave(TODAY, "từ trần", TODAY))
    assert (gone.erased, gone.left_on) == (True, TODAY)
    assert refused(ADMIT, Erase("theo yêu cầu"), ChangeExemption(True, DAY, None, "tuổi cao")) == "member.not_erased"
