"""What a committee office may and may not do with an organisation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce

import pytest

from services.members.domain.organisation import (
    EMPTY,
    Dissolve,
    Establish,
    Move,
    Order,
    Organisation,
    Parent,
    Rename,
    SetFixedDay,
    decide,
    evolve,
)
from shared.events import Event
from shared.events.members import (
    FixedMeetingDaySet,
    OrganisationDissolved,
    OrganisationEstablished,
    OrganisationKind,
    OrganisationMoved,
    OrganisationRenamed,
    Sector,
)
from shared.refusal import Refused

DAY = date(2020, 5, 19)
TODAY = DAY + timedelta(days=1000)
COMMUNE = Parent("commune", OrganisationKind.GRASSROOTS_COMMITTEE, dissolved=False, path=("province", "commune"))
OTHER = replace(COMMUNE, id="other", path=("province", "other"))
ESTABLISH = Establish(
    organisation="cell",
    parent_id="commune",
    parent=COMMUNE,
    kind=OrganisationKind.CELL,
    sector=Sector.VILLAGE,
    name="Chi bộ bản Mẫu",
    country="VN",
    fixed_meeting_day=10,
    effective_on=DAY,
    today=TODAY,
)


def after(*commands: Order) -> Organisation:
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


@pytest.mark.practice(34)
def test_a_cell_is_established_under_its_committee_with_its_fixed_day() -> None:
    [event] = events(ESTABLISH)
    assert isinstance(event, OrganisationEstablished)
    assert (event.parent, event.kind, event.fixed_meeting_day) == ("commune", OrganisationKind.CELL, 10)


@pytest.mark.practice(104)
def test_a_cell_abroad_names_its_country() -> None:
    [event] = events(replace(ESTABLISH, country="LA", sector=Sector.ABROAD))
    assert isinstance(event, OrganisationEstablished)
    assert (event.country, event.sector) == ("LA", Sector.ABROAD)
    assert refused(replace(ESTABLISH, country="Lào")) == "organisation.country_code"


def test_a_cell_stands_under_a_committee_that_stands() -> None:
    assert refused(replace(ESTABLISH, parent_id=None, parent=None)) == "organisation.cell_has_committee"
    assert refused(replace(ESTABLISH, parent=None)) == "organisation.parent_known"
    assert refused(replace(ESTABLISH, parent=replace(COMMUNE, dissolved=True))) == "organisation.parent_stands"


def test_a_cell_has_nothing_under_it() -> None:
    cell = replace(COMMUNE, kind=OrganisationKind.CELL)
    assert refused(replace(ESTABLISH, parent=cell)) == "organisation.parent_ranks_above"
    assert refused(replace(ESTABLISH, parent=cell, kind=OrganisationKind.PARTIAL_COMMITTEE)) == (
        "organisation.parent_ranks_above"
    )


def test_a_superior_committee_may_stand_under_another_but_a_grassroots_one_may_not() -> None:
    superior = replace(COMMUNE, kind=OrganisationKind.SUPERIOR_COMMITTEE)
    assert events(replace(ESTABLISH, parent=superior, kind=OrganisationKind.SUPERIOR_COMMITTEE))
    assert refused(replace(ESTABLISH, kind=OrganisationKind.GRASSROOTS_COMMITTEE)) == "organisation.parent_ranks_above"


def test_an_organisation_is_established_once_named_and_not_in_the_future() -> None:
    assert refused(ESTABLISH, ESTABLISH) == "organisation.established_once"
    assert refused(replace(ESTABLISH, name="  ")) == "organisation.name_given"
    assert refused(replace(ESTABLISH, effective_on=TODAY + timedelta(days=1))) == "organisation.not_in_future"


@pytest.mark.practice(34)
@pytest.mark.parametrize("day", [0, 32, -3])
def test_a_fixed_day_lies_in_a_month(day: int) -> None:
    assert refused(ESTABLISH, SetFixedDay(day, TODAY, TODAY)) == "organisation.fixed_day_in_month"
    assert refused(replace(ESTABLISH, fixed_meeting_day=day)) == "organisation.fixed_day_in_month"


@pytest.mark.practice(34)
def test_the_fixed_day_is_changed_and_taken_away() -> None:
    assert events(ESTABLISH, SetFixedDay(3, TODAY, TODAY)) == [
        FixedMeetingDaySet(organisation="cell", day=3, effective_on=TODAY)
    ]
    assert events(ESTABLISH, SetFixedDay(None, TODAY, TODAY)) == [
        FixedMeetingDaySet(organisation="cell", day=None, effective_on=TODAY)
    ]


def test_saying_again_what_is_so_already_changes_nothing() -> None:
    assert events(ESTABLISH, SetFixedDay(10, TODAY, TODAY)) == []
    assert events(ESTABLISH, Rename(" Chi bộ bản Mẫu ", TODAY, TODAY)) == []
    assert events(ESTABLISH, Move(COMMUNE, TODAY, "12-QĐ/ĐU", TODAY)) == []


def test_a_cell_is_renamed() -> None:
    assert events(ESTABLISH, Rename("Chi bộ 1", TODAY, TODAY)) == [
        OrganisationRenamed(organisation="cell", name="Chi bộ 1", effective_on=TODAY)
    ]
    assert refused(Rename("Chi bộ 1", TODAY, TODAY)) == "organisation.known"


def test_a_move_names_its_decision() -> None:
    assert events(ESTABLISH, Move(OTHER, TODAY, " 12-QĐ/ĐU ", TODAY)) == [
        OrganisationMoved(organisation="cell", parent="other", effective_on=TODAY, decision="12-QĐ/ĐU")
    ]
    assert refused(ESTABLISH, Move(OTHER, TODAY, " ", TODAY)) == "organisation.decision_named"


def test_an_organisation_cannot_be_moved_under_itself_or_what_belongs_to_it() -> None:
    committee = replace(ESTABLISH, organisation="upper", kind=OrganisationKind.SUPERIOR_COMMITTEE, parent=None)
    root = replace(committee, parent_id=None)
    below = Parent("below", OrganisationKind.SUPERIOR_COMMITTEE, dissolved=False, path=("upper", "below"))
    assert refused(root, Move(below, TODAY, "12-QĐ/TU", TODAY)) == "organisation.not_under_itself"


def test_a_change_is_not_dated_before_the_last_one_of_its_kind() -> None:
    moved = Move(OTHER, TODAY, "12-QĐ/ĐU", TODAY)
    assert refused(ESTABLISH, moved, Move(COMMUNE, DAY, "13-QĐ/ĐU", TODAY)) == "organisation.after_last_change"
    assert events(ESTABLISH, moved, Rename("Chi bộ 1", DAY, TODAY))
    assert refused(ESTABLISH, Rename("Chi bộ 1", TODAY + timedelta(days=1), TODAY)) == "organisation.not_in_future"


def test_a_dissolved_organisation_refuses_everything() -> None:
    end = Dissolve(TODAY, "20-QĐ/ĐU", members_left=0, children_left=0, today=TODAY)
    assert events(ESTABLISH, end) == [
        OrganisationDissolved(organisation="cell", effective_on=TODAY, decision="20-QĐ/ĐU")
    ]
    for command in (end, Rename("a", TODAY, TODAY), Move(OTHER, TODAY, "1", TODAY), SetFixedDay(1, TODAY, TODAY)):
        assert refused(ESTABLISH, end, command) == "organisation.not_dissolved"


def test_what_still_has_members_or_organisations_is_not_dissolved() -> None:
    end = Dissolve(TODAY, "20-QĐ/ĐU", members_left=3, children_left=0, today=TODAY)
    assert refused(ESTABLISH, end) == "organisation.members_moved_first"
    assert refused(ESTABLISH, replace(end, members_left=0, children_left=2)) == "organisation.children_moved_first"
    assert refused(ESTABLISH, replace(end, decision="", members_left=0)) == "organisation.decision_named"
