"""A closed meeting changes only by a correction; what stood stays visible."""

import pytest

from services.meetings.domain.meeting import Correct
from services.meetings.tests.domain.story import (
    CHAIR,
    CLOSE,
    CONCLUDE,
    CONCLUDED,
    GATHERED,
    HELD,
    MINH,
    SON,
    Story,
    called,
    says,
    task,
)
from shared.events.meetings import CorrectionRecorded

WHY = "thư ký ghi nhầm"


@pytest.fixture
def story() -> Story:
    return Story().given(*GATHERED, says(CHAIR), task(), CONCLUDE, CLOSE)


def only(story: Story) -> CorrectionRecorded:
    (event,) = story.events
    assert isinstance(event, CorrectionRecorded)
    return event


def test_an_open_meeting_is_recorded_again_not_corrected() -> None:
    story = Story().given(*GATHERED)
    assert story.refuses(Correct("k", "note", WHY, after="x")).rule == "correction.of_closed_meeting"


def test_correcting_the_roll_call_changes_the_counts_and_keeps_what_stood(story: Story) -> None:
    event = only(story.when(Correct("k", "attendance", WHY, target=MINH, attendance=called(MINH))))
    assert (event.before, event.after) == ("excused", "present")
    assert (event.tally.present, event.tally.excused) == (3, 0)
    assert story.meeting.closing is not None
    assert story.meeting.closing.tally == event.tally


def test_an_exempt_member_nobody_called_can_be_corrected_to_present(story: Story) -> None:
    event = only(story.when(Correct("k", "attendance", WHY, target=SON, attendance=called(SON))))
    assert (event.before, event.tally.due) == ("exempt", 4)


@pytest.mark.parametrize(("subject", "target"), [("statement", "s1"), ("conclusion", CONCLUDED), ("task", "t1")])
def test_what_stood_is_read_off_the_record_not_off_the_form(story: Story, subject: str, target: str) -> None:
    first = only(story.when(Correct("k1", subject, WHY, target=target, after="Nội dung đúng")))
    second = only(story.when(Correct("k2", subject, WHY, target=target, after="Nội dung đúng hơn")))
    assert second.before == first.after == "Nội dung đúng"
    assert len(story.meeting.corrections) == 2


def test_a_note_stands_beside_the_record(story: Story) -> None:
    event = only(story.when(Correct("k", "note", WHY, after="Đồng chí Minh về muộn 20 phút")))
    assert (event.before, event.target) == ("", None)


def test_a_correction_says_what_is_right_and_why(story: Story) -> None:
    assert story.refuses(Correct("k", "note", " ", after="x")).rule == "correction.has_reason"
    assert story.refuses(Correct("k", "note", WHY)).rule == "correction.has_text"
    assert story.refuses(Correct("k", "statement", WHY, target="s9", after="x")).rule == "correction.names_what_stood"
    assert story.refuses(Correct("k", "attendance", WHY, target=MINH)).rule == "correction.names_member"
    same = Correct("k", "statement", WHY, target="s1", after="Nhất trí với dự thảo.")
    assert story.refuses(same).rule == "correction.changes_something"


def test_a_speaker_is_not_corrected_away(story: Story) -> None:
    away = Correct("k", "attendance", WHY, target=CHAIR, attendance=called(CHAIR, "excused", reason="ốm"))
    assert story.refuses(away).rule == "attendance.speaker_stays_present"


def test_a_meeting_without_corrections_shows_none() -> None:
    assert Story().given(*HELD).meeting.corrections == ()
