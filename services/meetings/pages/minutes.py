"""The minutes of a meeting: printable, with what was corrected beside what stood, and the way up to the committee."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from services.meetings.api.commands import sending_order
from services.meetings.api.target import cell_of_meeting, meeting_of
from services.meetings.domain import meeting as order
from services.meetings.domain.meeting import OVER, Meeting, Phase
from services.meetings.domain.meeting.tally import tally
from services.meetings.handlers import MEETINGS, carry_out, sending_basis
from services.meetings.pages import words
from services.meetings.pages.access import may
from services.meetings.pages.forms import typed, typed_again
from services.meetings.pages.people import People, people_of
from services.meetings.pages.refused import trouble_of
from services.meetings.pages.room import View, title_of
from services.meetings.views.calendar import CALENDAR, number_in_year
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.context import Context, Ctx
from shared.events.meetings import Attendance, AttendanceStatus, Entry, MeetingOpened, RosterEntry
from shared.http import CommandDep
from shared.ids import Id, new_id
from shared.organisations import ancestors, organisation
from shared.refusal import Refused
from shared.web import render, see_other
from shared.web.i18n import _

router = APIRouter(include_in_schema=False, prefix="/meetings/{meeting}")

Reader = Annotated[Actor, Depends(allow("meeting.read", cell_of_meeting))]
Recorder = Annotated[Actor, Depends(allow("meeting.record", cell_of_meeting))]
Concluder = Annotated[Actor, Depends(allow("meeting.conclude", cell_of_meeting))]
Corrector = Annotated[Actor, Depends(allow("meeting.correct", cell_of_meeting))]


_MEMBER_OF = "SELECT member FROM view_roster.office WHERE account = $1 AND member IS NOT NULL LIMIT 1"


@router.get("/minutes")
async def minutes(request: Request, ctx: Ctx, actor: Reader, meeting: Id, at: str | None = None) -> Response:
    state, _version = await meeting_of(request, ctx)
    if state.opened_at is None:
        return RedirectResponse(f"/meetings/{meeting}", 303)
    await ctx.caught_up(CALENDAR, at)
    return await _show(request, ctx, actor, View())


@router.post("/confirmation")
async def confirm(request: Request, ctx: Ctx, actor: Concluder, meeting: Id, command: CommandDep) -> Response:
    asked = order.ConfirmMinutes(ctx.clock())
    return await _take(request, ctx, actor, command, lambda _given: asked, "confirm", _("Đã ký xác nhận biên bản."))


@router.post("/sending-up")
async def send_up(request: Request, ctx: Ctx, actor: Recorder, meeting: Id, command: CommandDep) -> Response:
    asked = await sending_order(ctx, (await meeting_of(request, ctx))[0])
    return await _take(
        request, ctx, actor, command, lambda _given: asked, "send", _("Đã gửi biên bản lên cấp ủy cấp trên.")
    )


@router.post("/corrections")
async def correct(request: Request, ctx: Ctx, actor: Corrector, meeting: Id, command: CommandDep) -> Response:
    def read(given: dict[str, str]) -> order.Order:
        subject, _colon, target = given.get("what", "").partition(":")
        return order.Correct(
            new_id(),
            subject,
            given.get("reason", ""),
            target or None,
            given.get("after", ""),
            _attendance(target, given) if subject == "attendance" else None,
        )

    return await _take(request, ctx, actor, command, read, "correct", _("Đã ghi đính chính."))


def _attendance(member: str, given: dict[str, str]) -> Attendance | None:
    """The corrected row of the roll-call; for an excused absence the text field holds its reason."""
    if given.get("status") not in set(AttendanceStatus):
        return None
    status = AttendanceStatus(given["status"])
    reason = given.get("after") if status is AttendanceStatus.EXCUSED else None
    return Attendance(member=member, status=status, reason=reason or None)


async def _take(
    request: Request,
    ctx: Context,
    actor: Actor,
    command: CommandDep,
    read: Callable[[dict[str, str]], order.Order],
    form: str,
    message: str,
) -> Response:
    state, _version = await meeting_of(request, ctx)
    try:
        appended = await carry_out(ctx, state.meeting, state.cell, [read(await typed(request))], command)
    except Refused as refusal:
        given = await typed_again(request)
        return await _show(request, ctx, actor, View("", trouble_of(refusal, form, given), given))
    return see_other(f"/meetings/{state.meeting}/minutes", message=message, at=str(appended.at))


async def _show(request: Request, ctx: Context, actor: Actor, view: View) -> Response:
    meeting, version = await meeting_of(request, ctx)
    assert meeting.opened_at is not None
    cell = await organisation(ctx.pool, meeting.cell)
    above = await ancestors(ctx.pool, meeting.cell)
    people = await people_of(ctx, meeting.cell, meeting.roster)
    official = sum(entry.official for entry in meeting.roster.values())
    due_on = None
    if meeting.closing and meeting.sent_up is None:
        due_on = (await sending_basis(ctx, meeting.cell, meeting.closing.closed_at)).value
    return render(
        request,
        "meetings/minutes.html",
        status=view.trouble.status if view.trouble else 200,
        title=_("Biên bản {title}", title=title_of(meeting).lower()),
        meeting=meeting,
        version=version,
        cell=cell.name if cell else "",
        above=above[-1].name if above else "",
        people=people,
        roll=people.in_order(meeting.roster),
        entered=await _entered(ctx, meeting) if meeting.entry is Entry.PAPER else None,
        tally=tally(meeting),
        official=official,
        probationary=len(meeting.roster) - official,
        number=await number_in_year(ctx.pool, meeting.cell, meeting.kind, meeting.opened_at),
        days_to_send=due_on,
        may=await may(ctx, actor, meeting.cell) if meeting.phase in OVER else frozenset(),
        correctable=_correctable(meeting, people),
        view=view,
        words=words,
        base=f"/meetings/{meeting.meeting}",
        Phase=Phase,
    )


@dataclass(frozen=True, slots=True)
class Entered:
    """When a meeting came in from the paper book, and by which member's hand, if the account is a member's."""

    at: datetime
    by: str | None


async def _entered(ctx: Context, meeting: Meeting) -> Entered | None:
    for recorded in await ctx.log.read(MEETINGS.stream(meeting.meeting)):
        if isinstance(recorded.data, MeetingOpened):
            by = await ctx.pool.fetchval(_MEMBER_OF, recorded.metadata.actor)
            return Entered(recorded.recorded_at, by)
    return None


def _correctable(meeting: Meeting, people: People) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a correction may be about, grouped: (group, [(value of the form, words)])."""
    groups = [
        (_("Ghi chú"), [("note:", _("Ghi chú thêm vào biên bản"))]),
        (
            _("Điểm danh"),
            [
                (f"attendance:{person.member}", f"{person.name}: {_status(meeting, meeting.roster[person.member])}")
                for person in people.in_order(meeting.roster)
            ],
        ),
        (
            _("Ý kiến phát biểu"),
            [
                (f"statement:{key}", f"{people.name(said.speaker)}: {_short(said.text)}")
                for key, said in meeting.statements.items()
            ],
        ),
        (
            _("Kết luận"),
            [(f"conclusion:{item}", _short(text)) for item, text in meeting.conclusions.items()],
        ),
        (
            _("Phân công"),
            [
                (f"task:{key}", f"{people.name(task.owner)}: {_short(task.description)}")
                for key, task in meeting.tasks.items()
            ],
        ),
    ]
    return [(label, options) for label, options in groups if options]


def _status(meeting: Meeting, entry: RosterEntry) -> str:
    called = meeting.attendance.get(entry.member)
    return str(words.STATUSES[called.status if called else AttendanceStatus.EXEMPT])


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
