"""The life of a meeting: each phase is reached from the one before, and side exits are named."""

from datetime import date, timedelta

import pytest

from services.meetings.domain.meeting import (
    CancelMeeting,
    MoveMeeting,
    NotifyMembers,
    OpenMeeting,
    Phase,
    SendUp,
)
from services.meetings.domain.meeting.commands import CloseMeeting, ConfirmMinutes
from services.meetings.tests.domain.story import (
    BEGIN,
    CHAIR,
    CLOSE,
    CONCLUDE,
    CONFIRM,
    GATHERED,
    HELD,
    OPEN,
    OPENED,
    ROSTER,
    TAKER,
    Story,
    after,
    called,
    plan,
    report_up,
    roll,
    says,
    window,
)
from shared.events.meetings import MeetingClosed, MeetingKind, MeetingPlanned, MinutesSentUp


@pytest.fixture
def story() -> Story:
    return Story()


def test_a_regular_meeting_starts_with_the_seventeen_steps(story: Story) -> None:
    (planned,) = story.when(plan()).events
    assert isinstance(planned, MeetingPlanned)
    assert [item.number for item in planned.agenda] == list(range(1, 18))
    assert {item.part for item in planned.agenda} == {"opening", "proceedings", "closing"}


def test_a_thematic_meeting_needs_its_theme_and_has_its_own_agenda(story: Story) -> None:
    assert story.refuses(plan(MeetingKind.THEMATIC, theme=" ")).rule == "meeting.thematic_has_theme"
    story.when(plan(MeetingKind.THEMATIC, theme="Học tập và làm theo gương Bác"))
    assert [item.kind for item in story.meeting.agenda][2] == "theme"
    assert len(story.meeting.agenda) < 17


def test_a_month_is_planned_once_and_again_only_after_cancelling(story: Story) -> None:
    story.given(plan())
    assert story.refuses(plan()).rule == "meeting.planned_once"
    story.given(CancelMeeting("mưa lũ"), plan())
    assert story.meeting.phase is Phase.PLANNED


@pytest.mark.practice(58)
def test_a_meeting_is_moved_with_a_reason_and_members_are_told_again(story: Story) -> None:
    story.given(plan(), NotifyMembers(BEGIN - timedelta(days=3), (CHAIR, TAKER)))
    assert story.refuses(MoveMeeting(after(days=2), "UBND xã", " ")).rule == "meeting.move_has_reason"
    story.when(MoveMeeting(after(days=2), "UBND xã", "nhiều đồng chí đi công tác xa"))
    assert story.meeting.phase is Phase.PLANNED
    assert story.meeting.planned_at == after(days=2)


def test_a_cancelled_meeting_needs_a_reason_and_cannot_open(story: Story) -> None:
    story.given(plan())
    assert story.refuses(CancelMeeting("")).rule == "meeting.cancel_has_reason"
    story.given(CancelMeeting("bão"))
    assert story.refuses(OPEN).rule == "meeting.awaited_to_open"


def test_an_open_meeting_is_neither_moved_nor_cancelled_nor_announced(story: Story) -> None:
    story.given(*OPENED)
    assert story.refuses(MoveMeeting(after(days=1), "x", "y")).rule == "meeting.awaited_to_move"
    assert story.refuses(CancelMeeting("x")).rule == "meeting.awaited_to_cancel"
    assert story.refuses(NotifyMembers(BEGIN, (CHAIR,))).rule == "meeting.awaited_to_notify"


def test_chair_and_minute_taker_come_from_the_roll(story: Story) -> None:
    story.given(plan())
    assert story.refuses(OpenMeeting(BEGIN, "stranger", TAKER, ROSTER)).rule == "meeting.chair_on_roster"
    assert story.refuses(OpenMeeting(BEGIN, CHAIR, "stranger", ROSTER)).rule == "meeting.minute_taker_on_roster"
    assert story.refuses(OpenMeeting(BEGIN, CHAIR, TAKER, ())).rule == "meeting.cell_has_members"


def test_nothing_is_recorded_before_opening_or_after_closing(story: Story) -> None:
    story.given(plan())
    for order in (roll(called(CHAIR)), says(CHAIR), CONCLUDE):
        assert story.refuses(order).rule == "meeting.open_to_record"
    assert story.refuses(CLOSE).rule == "meeting.open_to_close"
    held = Story().given(*HELD)
    for order in (roll(called(CHAIR)), says(CHAIR), CONCLUDE):
        assert held.refuses(order).rule == "meeting.open_to_record"


def test_times_follow_each_other(story: Story) -> None:
    told = Story().given(plan(), NotifyMembers(after(hours=1), (CHAIR,)))
    assert told.refuses(OPEN).rule == "meeting.opened_after_notice"
    story.given(*GATHERED, CONCLUDE)
    assert story.refuses(CloseMeeting(after(minutes=-1), (window(10),))).rule == "meeting.closed_after_opening"
    story.given(CLOSE)
    assert story.refuses(ConfirmMinutes(after(minutes=94))).rule == "minutes.confirmed_after_closing"
    story.given(CONFIRM)
    early = SendUp(after(minutes=99), report_up(2))
    assert story.refuses(early).rule == "minutes.sent_up_after_confirming"


@pytest.mark.practice(35)
def test_a_regular_meeting_after_day_n_is_late(story: Story) -> None:
    (closed,) = story.given(*HELD).events
    assert isinstance(closed, MeetingClosed)
    assert (closed.window_end, closed.late) == (date(2026, 5, 10), False)
    (late,) = Story().given(*GATHERED, CONCLUDE).when(CloseMeeting(after(hours=2), (window(9),))).events
    assert isinstance(late, MeetingClosed)
    assert (late.window_end, late.late) == (date(2026, 5, 9), True)
    assert late.basis == (window(9),)


@pytest.mark.practice(47)
def test_the_real_length_is_counted_in_minutes(story: Story) -> None:
    (closed,) = story.given(*HELD).events
    assert isinstance(closed, MeetingClosed)
    assert closed.minutes == 95


def test_minutes_are_confirmed_by_those_named_at_the_opening_then_sent_up_in_time(story: Story) -> None:
    story.given(*HELD)
    assert story.refuses(SendUp(after(days=1), report_up(2))).rule == "minutes.sent_up_once_confirmed"
    story.given(CONFIRM)
    assert story.refuses(CONFIRM).rule == "minutes.confirmed_once_closed"
    (sent,) = story.when(SendUp(after(days=1), report_up(2))).events
    assert isinstance(sent, MinutesSentUp)
    assert (sent.due_on, sent.on_time) == (date(2026, 5, 12), True)
    assert story.refuses(SendUp(after(days=1), report_up(2))).rule == "minutes.sent_up_once_confirmed"


def test_minutes_sent_up_after_the_limit_are_late(story: Story) -> None:
    (sent,) = story.given(*HELD, CONFIRM).when(SendUp(after(days=3), report_up(2))).events
    assert isinstance(sent, MinutesSentUp)
    assert not sent.on_time
