"""Whatever is asked of a meeting, in whatever order, certain things never become true."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.meetings.domain.meeting import (
    OVER,
    CancelMeeting,
    CloseMeeting,
    ConfirmMinutes,
    Correct,
    Meeting,
    MoveMeeting,
    NotifyMembers,
    OpenMeeting,
    Order,
    RecordConclusion,
    RecordGuest,
    SendUp,
    decide,
    evolve,
)
from services.meetings.domain.meeting.tally import tally
from services.meetings.tests.domain.story import (
    BEGIN,
    CHAIR,
    CONCLUDED,
    DISCUSSED,
    MINH,
    ROSTER,
    SON,
    TAKER,
    called,
    plan,
    report_up,
    roll,
    says,
    task,
    window,
)
from services.meetings.tests.texts import TEXTS
from shared.events.meetings import AttendanceStatus, CorrectionRecorded
from shared.refusal import Refused

people = st.sampled_from([CHAIR, TAKER, MINH, SON, "stranger"])
statuses = st.sampled_from([status.value for status in AttendanceStatus])
reasons = st.sampled_from([None, "đi công tác"])
words = st.sampled_from(["", "Nhất trí.", "Đề nghị bổ sung."])
instants = st.integers(-60, 60 * 24 * 4).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
records = st.builds(called, people, statuses, online=st.booleans(), reason=reasons)
targets = st.sampled_from([None, CHAIR, MINH, SON, "s1", "t1", DISCUSSED, CONCLUDED])
subjects = st.sampled_from(["attendance", "statement", "conclusion", "task", "note"])
everyone_called = st.just(
    roll(called(CHAIR), called(TAKER), called(MINH, "excused", reason="ốm"), called(SON, "exempt"))
)


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.meeting = Meeting()

    def ask(self, order: Order) -> None:
        try:
            events = decide(self.meeting, order)
        except Refused as refusal:
            self.must_have_a_text(refusal)
            return
        for event in events:
            was_over = self.meeting.phase in OVER
            before, self.meeting = self.meeting, evolve(self.meeting, event)
            if was_over and not isinstance(event, CorrectionRecorded):
                for content in ("roster", "attendance", "guests", "statements", "conclusions", "tasks", "corrections"):
                    assert getattr(before, content) == getattr(self.meeting, content)

    def must_have_a_text(self, refusal: Refused) -> None:
        assert refusal.rule in TEXTS, refusal.rule
        for locale in ("vi", "en"):
            assert "…" not in TEXTS[refusal.rule].say(locale, refusal.params), "uses a parameter that is not given"

    @rule()
    def planning(self) -> None:
        self.ask(plan())

    @rule(at=instants, members=st.sampled_from([(), (CHAIR, TAKER)]))
    def notifying(self, at, members) -> None:
        self.ask(NotifyMembers(at, members))

    @rule(at=instants, reason=words)
    def moving(self, at, reason) -> None:
        self.ask(MoveMeeting(at, "UBND xã", reason))

    @precondition(lambda self: not self.meeting.is_open)
    @rule(reason=words)
    def cancelling(self, reason) -> None:
        self.ask(CancelMeeting(reason))

    @rule(at=instants, chair=people, taker=people)
    def opening(self, at, chair, taker) -> None:
        self.ask(OpenMeeting(at, chair, taker, ROSTER))

    @rule(at=instants)
    def opening_well(self, at) -> None:
        self.ask(plan())
        self.ask(OpenMeeting(at, CHAIR, TAKER, ROSTER))

    @rule(order=st.one_of(st.lists(records, max_size=3).map(lambda some: roll(*some)), everyone_called))
    def calling(self, order) -> None:
        self.ask(order)

    @rule(capacity=words)
    def receiving_a_guest(self, capacity) -> None:
        self.ask(RecordGuest("g1", capacity))

    @rule(speaker=people, text=words, number=st.integers(1, 3))
    def speaking(self, speaker, text, number) -> None:
        self.ask(says(speaker, text, number=number))

    @rule(item=st.sampled_from([DISCUSSED, CONCLUDED, "elsewhere"]), text=words)
    def concluding(self, item, text) -> None:
        self.ask(RecordConclusion(item, text))

    @rule(owner=st.none() | people, quantity=st.none() | st.integers(-1, 3).map(Decimal), unit=words)
    def assigning(self, owner, quantity, unit) -> None:
        self.ask(task(owner=owner, quantity=quantity, unit=unit))

    @rule(at=instants, last_day=st.sampled_from([None, 9, 10]))
    def closing(self, at, last_day) -> None:
        self.ask(CloseMeeting(at, (window(last_day),)))

    @rule(at=instants)
    def confirming(self, at) -> None:
        self.ask(ConfirmMinutes(at))

    @rule(at=instants)
    def sending_up(self, at) -> None:
        self.ask(SendUp(at, report_up(2)))

    @rule(subject=subjects, what=targets, after=words, reason=words, record=st.none() | records)
    def correcting(self, subject, what, after, reason, record) -> None:
        self.ask(Correct("k1", subject, reason, target=what, after=after, attendance=record))

    @invariant()
    def the_counts_sum_to_the_roll(self) -> None:
        counts = tally(self.meeting)
        called_and_exempt = counts.present + counts.excused + counts.unexcused + counts.exempt
        assert called_and_exempt + len(self.meeting.uncalled) == len(self.meeting.roster)
        assert counts.due + counts.exempt == len(self.meeting.roster)
        assert counts.spoke <= counts.present <= counts.due
        if self.meeting.closing is not None:
            assert self.meeting.closing.tally == counts

    @invariant()
    def nobody_absent_has_spoken(self) -> None:
        assert self.meeting.spoke <= self.meeting.present

    @invariant()
    def a_closed_meeting_has_been_called_and_concluded(self) -> None:
        if self.meeting.phase in OVER:
            assert not self.meeting.uncalled
            assert CONCLUDED in self.meeting.conclusions
            assert {self.meeting.chair, self.meeting.minute_taker} <= self.meeting.roster.keys()


AnyOrder.TestCase.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase
