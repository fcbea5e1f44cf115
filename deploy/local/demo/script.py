"""From the story to orders: what a secretary would have entered for one meeting. Pure; the rules come in as given."""

import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from deploy.local.demo.story import Held
from services.meetings.domain.meeting import (
    AssignTask,
    CloseMeeting,
    ConfirmMinutes,
    NotifyMembers,
    OpenMeeting,
    Order,
    PlanMeeting,
    RecordAttendance,
    RecordConclusion,
    RecordGuest,
    RecordStatement,
    SendUp,
)
from services.meetings.domain.meeting.agenda import CONCLUSION, DISCUSSION, item_id
from shared.events.meetings import Attendance, AttendanceStatus, Entry, MeetingKind, RosterEntry, RuleBasis
from shared.ids import derived_id


@cache
def phrases() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("phrases.toml").read_text("utf-8"))


def fill(text: str, period: str) -> str:
    """A sentence of the minutes for a month."""
    month = int(period[5:])
    return text.format(month=month, next=month % 12 + 1)


def roll_call(roster: Sequence[RosterEntry], attends: float, random: Random) -> tuple[Attendance, ...]:
    """Who came, ``attends`` of all; the first two on the roll, who chair and write, always do, so the others less."""
    records, others = [], len(roster) - 2
    if others > 0:
        attends = max(0.0, (attends * len(roster) - 2) / others)
    for number, entry in enumerate(roster):
        if number < 2 or random.random() < attends:
            records.append(Attendance(member=entry.member, status=AttendanceStatus.PRESENT))
        elif entry.exempt:
            records.append(Attendance(member=entry.member, status=AttendanceStatus.EXEMPT))
        elif random.random() < 0.9:
            reason = random.choice(phrases()["excuses"])
            records.append(Attendance(member=entry.member, status=AttendanceStatus.EXCUSED, reason=reason))
        else:
            records.append(Attendance(member=entry.member, status=AttendanceStatus.UNEXCUSED))
    return tuple(records)


def orders(
    held: Held,
    meeting: str,
    roster: Sequence[RosterEntry],
    closing: tuple[RuleBasis, ...],
    sending: RuleBasis,
    now: datetime,
) -> list[Order]:
    """One whole meeting from the paper book: planned, notified, opened, recorded, closed, confirmed, sent up."""
    random = held.random()
    said = phrases()
    closed_at = held.opened_at + timedelta(minutes=held.minutes)
    attendance = roll_call(roster, held.habits.attends, random)
    present = [record.member for record in attendance if record.status is AttendanceStatus.PRESENT]
    found: list[Order] = [
        PlanMeeting(
            meeting=meeting,
            cell=held.cell.id,
            kind=held.kind,
            period=held.period,
            planned_at=held.opened_at,
            place=random.choice(said["places"]),
            form=held.form,
            theme=random.choice(said["themes"]) if held.kind is MeetingKind.THEMATIC else None,
            entry=Entry.PAPER,
        ),
        NotifyMembers(held.opened_at - timedelta(days=2), tuple(entry.member for entry in roster)),
        OpenMeeting(held.opened_at, roster[0].member, roster[1].member, tuple(roster)),
        RecordAttendance(attendance),
    ]
    if held.habits.guests:
        found += [RecordGuest(derived_id(meeting, guest), guest) for guest in said["guests"]]
    discussion = item_id(meeting, DISCUSSION)
    for number, speaker in enumerate(member for member in present if random.random() < held.habits.speaks):
        text = fill(random.choice(said["statements"]), held.period)
        found.append(RecordStatement(derived_id(meeting, "statement", str(number)), discussion, speaker, text))
    found.append(RecordConclusion(item_id(meeting, CONCLUSION), fill(random.choice(said["conclusions"]), held.period)))
    task = random.choice(said["tasks"])
    found.append(
        AssignTask(
            task=derived_id(meeting, "task"),
            owner=random.choice(present),
            description=task["description"],
            quantity=Decimal(task["quantity"]),
            unit=task["unit"],
            deadline=held.opened_at.date() + timedelta(days=25),
        )
    )
    found.append(CloseMeeting(closed_at, closing))
    confirmed_at = closed_at + timedelta(minutes=5)
    found.append(ConfirmMinutes(confirmed_at))
    if held.sent_after is not None:
        sent_at = confirmed_at + timedelta(days=held.sent_after, hours=1)
        if sent_at < now:
            found.append(SendUp(sent_at, sending))
    return found
