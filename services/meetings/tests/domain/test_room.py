"""What a minute-taker records while the meeting is on."""

from datetime import date
from decimal import Decimal

import pytest

from services.meetings.domain.meeting import RecordConclusion, RecordGuest, RecordStatement
from services.meetings.domain.meeting.completeness import lacking
from services.meetings.tests.domain.story import (
    CHAIR,
    CLOSE,
    CONCLUDE,
    DISCUSSED,
    GATHERED,
    MINH,
    OPENED,
    SON,
    TAKER,
    Story,
    called,
    roll,
    says,
    task,
)
from shared.events.meetings import MeetingClosed, Tally


@pytest.fixture
def story() -> Story:
    return Story().given(*GATHERED)


def closed(story: Story) -> Tally:
    (event,) = story.given(CONCLUDE).when(CLOSE).events
    assert isinstance(event, MeetingClosed)
    return event.tally


@pytest.mark.practice(14)
def test_an_absent_member_cannot_speak(story: Story) -> None:
    assert story.refuses(says(MINH)).rule == "statement.speaker_present"
    assert story.refuses(says("stranger")).rule == "statement.speaker_on_roster"


def test_a_member_who_has_spoken_cannot_be_marked_absent(story: Story) -> None:
    story.given(says(TAKER))
    refusal = story.refuses(roll(called(TAKER, "unexcused")))
    assert refusal.rule == "attendance.speaker_stays_present"


def test_a_statement_belongs_to_an_item_and_has_words(story: Story) -> None:
    assert story.refuses(RecordStatement("s", "elsewhere", CHAIR, "…")).rule == "agenda.has_item"
    assert story.refuses(says(CHAIR, "  ")).rule == "statement.has_text"
    assert story.refuses(RecordConclusion(DISCUSSED, "")).rule == "conclusion.has_text"
    assert story.refuses(RecordConclusion("elsewhere", "…")).rule == "agenda.has_item"


def test_the_roll_call_names_members_of_the_frozen_roll_only(story: Story) -> None:
    assert story.refuses(roll(called("newcomer"))).rule == "attendance.on_roster"
    assert story.refuses(roll()).rule == "attendance.names_members"
    assert story.refuses(roll(called(MINH, "exempt"))).rule == "attendance.exemption_granted"
    assert story.refuses(roll(called(SON, "unexcused"))).rule == "attendance.exempt_not_absent"
    assert story.refuses(roll(called(TAKER, "excused", online=True))).rule == "attendance.online_is_present"


def test_a_later_call_of_the_same_member_replaces_the_earlier(story: Story) -> None:
    story.given(roll(called(MINH, online=True)))
    tally = closed(story)
    assert (tally.present, tally.excused, tally.online) == (3, 0, 1)


@pytest.mark.practice(55)
def test_an_exempt_member_who_stays_away_is_not_in_the_base(story: Story) -> None:
    tally = closed(story)
    assert (tally.due, tally.present, tally.excused, tally.exempt) == (3, 2, 1, 1)


@pytest.mark.practice(55)
def test_an_exempt_member_who_comes_is_present_and_due(story: Story) -> None:
    story.given(roll(called(SON)))
    tally = closed(story)
    assert (tally.due, tally.present, tally.exempt) == (4, 3, 0)


@pytest.mark.practice(14)
def test_the_speakers_are_counted_once_each_among_those_present(story: Story) -> None:
    story.given(says(CHAIR), says(CHAIR, number=2), says(TAKER, number=3))
    tally = closed(story)
    assert (tally.spoke, tally.statements, tally.present) == (2, 3, 2)


@pytest.mark.practice(37)
def test_guests_are_recorded_by_office_and_count_for_no_rate(story: Story) -> None:
    assert story.refuses(RecordGuest("g1", " ")).rule == "guest.has_capacity"
    story.given(RecordGuest("g1", "Trưởng ban công tác mặt trận bản"))
    assert story.refuses(says("g1")).rule == "statement.speaker_on_roster"
    tally = closed(story)
    assert (tally.guests, tally.due, tally.spoke) == (1, 3, 0)


@pytest.mark.practice(13)
@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        ({"owner": None}, ["owner"]),
        ({"quantity": None}, ["quantity"]),
        ({"unit": " "}, ["unit"]),
        ({"deadline": None}, ["deadline"]),
        ({"description": ""}, ["description"]),
        ({"owner": None, "quantity": None, "deadline": None}, ["owner", "quantity", "deadline"]),
    ],
)
def test_a_task_names_everything_it_still_lacks(story: Story, left_out: dict[str, object], missing: list[str]) -> None:
    refusal = story.refuses(task(**left_out))
    assert (refusal.rule, refusal.params["missing"]) == ("task.complete", missing)


def test_a_task_has_an_owner_on_the_roll_a_real_quantity_and_time_to_do_it(story: Story) -> None:
    assert story.refuses(task(owner="stranger")).rule == "task.owner_on_roster"
    assert story.refuses(task(quantity=Decimal(0))).rule == "task.quantity_above_zero"
    assert story.refuses(task(deadline=date(2026, 5, 9))).rule == "task.deadline_from_meeting_on"
    story.given(task())
    assert closed(story).tasks == 1


@pytest.mark.practice(51)
def test_a_meeting_closes_only_when_its_minutes_are_complete() -> None:
    story = Story().given(*OPENED)
    assert [lack.rule for lack in lacking(story.meeting)] == [
        "closing.roll_call_complete",
        "closing.chair_present",
        "closing.minute_taker_present",
        "closing.conclusion_recorded",
    ]
    story.given(roll(called(MINH, "excused")))
    assert story.refuses(CLOSE).rule == "closing.roll_call_complete"
    story.given(roll(called(CHAIR, "unexcused"), called(TAKER, "unexcused")))
    assert story.refuses(CLOSE).rule == "closing.excuses_have_reasons"
    story.given(roll(called(MINH, "excused", reason="ốm")))
    assert story.refuses(CLOSE).rule == "closing.chair_present"
    story.given(roll(called(CHAIR)))
    assert story.refuses(CLOSE).rule == "closing.minute_taker_present"
    story.given(roll(called(TAKER)))
    assert story.refuses(CLOSE).rule == "closing.conclusion_recorded"
    story.given(CONCLUDE, CLOSE)


@pytest.mark.practice(18)
def test_the_chair_concludes_item_by_item_and_may_reword_while_the_meeting_lasts(story: Story) -> None:
    story.given(RecordConclusion(DISCUSSED, "Nhất trí."), RecordConclusion(DISCUSSED, "Nhất trí cao."))
    assert story.meeting.conclusions == {DISCUSSED: "Nhất trí cao."}
    assert story.refuses(CLOSE).rule == "closing.conclusion_recorded"
