"""What may happen to a meeting, and what then is fact. Every refusal has a name; its text is in refusals.toml."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.meetings.domain.cell_month import WINDOW, window_end
from services.meetings.domain.meeting import commands as order
from services.meetings.domain.meeting.agenda import template
from services.meetings.domain.meeting.attendance import check_roll_call
from services.meetings.domain.meeting.completeness import lacking
from services.meetings.domain.meeting.correct import correct
from services.meetings.domain.meeting.state import AWAITED, OVER, Meeting, Phase
from services.meetings.domain.meeting.tally import tally
from shared.events import Event
from shared.events.meetings import (
    AttendanceRecorded,
    ConclusionRecorded,
    GuestRecorded,
    MeetingCancelled,
    MeetingClosed,
    MeetingKind,
    MeetingMoved,
    MeetingNotified,
    MeetingOpened,
    MeetingPlanned,
    MinutesConfirmed,
    MinutesSentUp,
    StatementRecorded,
    TaskAssigned,
)
from shared.refusal import Refused, require
from shared.vietnam import vietnam_date


def decide(meeting: Meeting, command: order.Order) -> Sequence[Event]:
    """Raises `Refused` with the name of the rule that says no."""
    match command:
        case order.PlanMeeting():
            return [_plan(meeting, command)]
        case order.NotifyMembers(at=at, members=members):
            require(meeting.phase in AWAITED, "meeting.awaited_to_notify")
            require(bool(members), "notice.names_members")
            return [MeetingNotified(**_of(meeting), notified_at=at, members=members)]
        case order.MoveMeeting(planned_at=planned_at, place=place, reason=reason):
            require(meeting.phase in AWAITED, "meeting.awaited_to_move")
            require(bool(reason.strip()), "meeting.move_has_reason")
            return [MeetingMoved(**_of(meeting), planned_at=planned_at, place=place.strip(), reason=reason.strip())]
        case order.CancelMeeting(reason=reason):
            require(meeting.phase in AWAITED, "meeting.awaited_to_cancel")
            require(bool(reason.strip()), "meeting.cancel_has_reason")
            return [MeetingCancelled(**_of(meeting), reason=reason.strip())]
        case order.OpenMeeting():
            return [_open(meeting, command)]
        case order.RecordAttendance(records=records):
            require(meeting.is_open, "meeting.open_to_record")
            check_roll_call(meeting, records)
            return [AttendanceRecorded(**_of(meeting), records=records)]
        case order.RecordGuest(guest=guest, capacity=capacity):
            require(meeting.is_open, "meeting.open_to_record")
            require(bool(capacity.strip()), "guest.has_capacity")
            return [GuestRecorded(**_of(meeting), guest=guest, capacity=capacity.strip())]
        case order.RecordStatement():
            return [_state(meeting, command)]
        case order.RecordConclusion(item=item, text=text):
            require(meeting.is_open, "meeting.open_to_record")
            _require_item(meeting, item)
            require(bool(text.strip()), "conclusion.has_text")
            return [ConclusionRecorded(**_of(meeting), item=item, text=text.strip())]
        case order.AssignTask():
            return [_assign(meeting, command)]
        case order.CloseMeeting():
            return [_close(meeting, command)]
        case order.ConfirmMinutes(at=at):
            require(meeting.phase is Phase.CLOSED, "minutes.confirmed_once_closed")
            assert meeting.closing is not None
            _require_order(meeting.closing.closed_at, at, "minutes.confirmed_after_closing")
            return [
                MinutesConfirmed(
                    **_of(meeting), confirmed_at=at, chair=meeting.chair, minute_taker=meeting.minute_taker
                )
            ]
        case order.SendUp():
            return [_send_up(meeting, command)]
        case order.Correct():
            require(meeting.phase in OVER, "correction.of_closed_meeting")
            return [correct(meeting, command)]


def _of(meeting: Meeting) -> dict[str, str]:
    return {"meeting": meeting.meeting, "cell": meeting.cell}


def _require_order(earlier: datetime, later: datetime, rule: str) -> None:
    require(later >= earlier, rule, earlier=earlier, later=later)


def _require_item(meeting: Meeting, item: str) -> None:
    require(any(entry.item == item for entry in meeting.agenda), "agenda.has_item")


def _plan(meeting: Meeting, command: order.PlanMeeting) -> MeetingPlanned:
    require(meeting.phase in {Phase.UNPLANNED, Phase.CANCELLED}, "meeting.planned_once", period=command.period)
    require(bool(command.place.strip()), "meeting.has_place")
    theme = (command.theme or "").strip() or None
    require(theme is not None or command.kind is not MeetingKind.THEMATIC, "meeting.thematic_has_theme")
    return MeetingPlanned(
        meeting=command.meeting,
        cell=command.cell,
        kind=command.kind,
        form=command.form,
        period=command.period,
        planned_at=command.planned_at,
        place=command.place.strip(),
        theme=theme,
        agenda=command.agenda or template(command.meeting, command.kind),
        entry=command.entry,
    )


def _open(meeting: Meeting, command: order.OpenMeeting) -> MeetingOpened:
    require(meeting.phase in AWAITED, "meeting.awaited_to_open")
    require(bool(command.roster), "meeting.cell_has_members")
    if meeting.notified_at is not None:
        _require_order(meeting.notified_at, command.at, "meeting.opened_after_notice")
    on_roster = {entry.member for entry in command.roster}
    require(command.chair in on_roster, "meeting.chair_on_roster")
    require(command.minute_taker in on_roster, "meeting.minute_taker_on_roster")
    return MeetingOpened(
        **_of(meeting),
        opened_at=command.at,
        chair=command.chair,
        minute_taker=command.minute_taker,
        roster=command.roster,
        entry=command.entry,
    )


def _state(meeting: Meeting, command: order.RecordStatement) -> StatementRecorded:
    require(meeting.is_open, "meeting.open_to_record")
    _require_item(meeting, command.item)
    require(command.speaker in meeting.roster, "statement.speaker_on_roster")
    require(meeting.is_present(command.speaker), "statement.speaker_present")
    require(bool(command.text.strip()), "statement.has_text")
    return StatementRecorded(
        **_of(meeting),
        statement=command.statement,
        item=command.item,
        speaker=command.speaker,
        text=command.text.strip(),
    )


def _assign(meeting: Meeting, command: order.AssignTask) -> TaskAssigned:
    require(meeting.is_open and meeting.opened_at is not None, "meeting.open_to_record")
    owner, quantity, deadline = command.owner, command.quantity, command.deadline
    description, unit = (command.description or "").strip(), (command.unit or "").strip()
    given = {
        "owner": owner,
        "description": description,
        "quantity": quantity is not None,
        "unit": unit,
        "deadline": deadline is not None,
    }
    missing = [name for name, value in given.items() if not value]
    if not (owner and quantity is not None and deadline is not None) or missing:
        raise Refused("task.complete", missing=missing)
    require(owner in meeting.roster, "task.owner_on_roster")
    require(quantity > 0, "task.quantity_above_zero")
    assert meeting.opened_at is not None
    require(deadline >= vietnam_date(meeting.opened_at), "task.deadline_from_meeting_on")
    return TaskAssigned(
        **_of(meeting),
        task=command.task,
        owner=owner,
        description=description,
        quantity=quantity,
        unit=unit,
        deadline=deadline,
    )


def _close(meeting: Meeting, command: order.CloseMeeting) -> MeetingClosed:
    require(meeting.is_open, "meeting.open_to_close")
    assert meeting.opened_at is not None
    _require_order(meeting.opened_at, command.at, "meeting.closed_after_opening")
    for lack in lacking(meeting):
        raise Refused(lack.rule, **lack.params)
    end = window_end(meeting.period, next(basis for basis in command.basis if basis.code == WINDOW))
    regular = meeting.kind is MeetingKind.REGULAR
    return MeetingClosed(
        **_of(meeting),
        kind=meeting.kind,
        period=meeting.period,
        opened_at=meeting.opened_at,
        closed_at=command.at,
        minutes=int((command.at - meeting.opened_at).total_seconds() // 60),
        tally=tally(meeting),
        window_end=end,
        late=regular and vietnam_date(meeting.opened_at) > end,
        basis=command.basis,
    )


def _send_up(meeting: Meeting, command: order.SendUp) -> MinutesSentUp:
    require(meeting.phase is Phase.CONFIRMED, "minutes.sent_up_once_confirmed")
    assert meeting.closing is not None
    assert meeting.confirmed_at is not None
    _require_order(meeting.confirmed_at, command.at, "minutes.sent_up_after_confirming")
    days = command.basis.value
    assert isinstance(days, int), "meeting.report_up.days is a number of days"
    due_on = vietnam_date(meeting.closing.closed_at) + timedelta(days=days)
    return MinutesSentUp(
        **_of(meeting),
        sent_at=command.at,
        due_on=due_on,
        on_time=vietnam_date(command.at) <= due_on,
        basis=(command.basis,),
    )
