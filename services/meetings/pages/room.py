"""The meeting room: one step a screen, for whoever records; one screen to follow, for whoever only may read."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import RedirectResponse, Response

from services.meetings.api.target import cell_of_meeting, meeting_of
from services.meetings.domain.meeting import AWAITED, OVER, Meeting, Phase
from services.meetings.domain.meeting.agenda import CONCLUSION, DISCUSSION
from services.meetings.domain.meeting.completeness import lacking
from services.meetings.domain.meeting.tally import tally
from services.meetings.handlers import closing_basis, roster_on
from services.meetings.pages import words
from services.meetings.pages.access import may
from services.meetings.pages.advice import advice_on
from services.meetings.pages.forms import local
from services.meetings.pages.people import office_holders, people_of
from services.meetings.pages.refused import Trouble, lack_text
from services.meetings.views.calendar import CALENDAR
from services.meetings.views.participation import last_runs
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.clock import vietnam_date
from shared.context import Context, Ctx
from shared.events.meetings import AgendaItem, MeetingForm
from shared.events.members import Office
from shared.ids import Id
from shared.organisations import organisation
from shared.web import render
from shared.web.i18n import _
from shared.web.live import ready

router = APIRouter(include_in_schema=False)

STEPS = ("roll", "talk", "conclude", "tasks", "close")
QUIET_AFTER = 3  # meetings without a word, after which the chair is reminded (practice 48)

Reader = Annotated[Actor, Depends(allow("meeting.read", cell_of_meeting))]


@dataclass(frozen=True, slots=True)
class View:
    """Which screen is asked for, and what went wrong on it."""

    step: str = "roll"
    trouble: Trouble | None = None
    typed: dict[str, str] = field(default_factory=dict)

    def was(self, name: str, otherwise: str = "") -> str:
        """What was typed into a field before it was refused."""
        return self.typed.get(name, otherwise)


@router.get("/meetings/{meeting}")
async def room(
    request: Request,
    ctx: Ctx,
    actor: Reader,
    meeting: Id,
    step: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """One screen; whoever records is led to the step to take, so that the address names what live changes refresh."""
    state, _version = await meeting_of(request, ctx)
    if state.is_open and step not in STEPS and "record" in await may(ctx, actor, state.cell):
        return RedirectResponse(f"/meetings/{meeting}?step={_step_to_take(state)}", 303)
    return await show(request, ctx, actor, View(step if step in STEPS else ""))


@router.get("/meetings/{meeting}/live")
async def live(
    ctx: Ctx, actor: Reader, meeting: Id, seen: Annotated[str | None, Query(max_length=64)] = None
) -> EventSourceResponse:
    """Tells the room's page each time something of the meeting was recorded."""

    async def changes() -> Any:
        async with ctx.hub.follow(CALENDAR.name, meeting) as heard:
            yield ready(ctx.hub, seen)
            async for _change in heard:
                yield ServerSentEvent(event="meeting", data="{}")

    return EventSourceResponse(changes(), ping=20)


async def show(request: Request, ctx: Context, actor: Actor, view: View) -> Response:
    """The screen that fits the meeting's phase and what the reader may do."""
    seen = ctx.hub.seen
    meeting, _version = await meeting_of(request, ctx)
    cell = await organisation(ctx.pool, meeting.cell)
    rights = await may(ctx, actor, meeting.cell)
    values: dict[str, Any] = {
        "title": title_of(meeting),
        "meeting": meeting,
        "cell": cell.name if cell else "",
        "may": rights,
        "view": view,
        "words": words,
        "back": f"/meetings?cell={meeting.cell}",
        "back_label": _("Các kỳ sinh hoạt"),
        "live": f"/meetings/{meeting.meeting}/live?seen={seen}",
        "base": f"/meetings/{meeting.meeting}",
    }
    status = view.trouble.status if view.trouble else 200
    if meeting.phase in AWAITED or meeting.phase is Phase.CANCELLED:
        return render(request, "meetings/awaited.html", status=status, **values, **await _awaited(ctx, actor, meeting))
    values |= await _gathered(ctx, meeting)
    if meeting.phase in OVER or "record" not in rights:
        return render(request, "meetings/follow.html", status=status, **values)
    step = view.step or _step_to_take(meeting)  # none: an order that fits no screen was refused
    values |= await _recorded(ctx, meeting, rights, step)
    return render(request, f"meetings/{step}.html", status=status, **values)


def title_of(meeting: Meeting) -> str:
    year, month = meeting.period.split("-")
    kind = words.KINDS[meeting.kind]
    return _("{kind} tháng {month}/{year}", kind=kind, month=int(month), year=year)


def _step_to_take(meeting: Meeting) -> str:
    return "roll" if meeting.uncalled else "talk"


async def _awaited(ctx: Context, actor: Actor, meeting: Meeting) -> dict[str, Any]:
    """Before the meeting: who can chair, who takes the minutes, what still is to be done."""
    roster = await roster_on(ctx, meeting.cell, vietnam_date(ctx.clock()))
    people = await people_of(ctx, meeting.cell)
    offices = await office_holders(ctx, meeting.cell)
    chair = offices.get(Office.CELL_SECRETARY, actor.member)
    taker = offices.get(Office.MINUTE_TAKER) or offices.get(Office.DEPUTY_SECRETARY)
    assert meeting.planned_at is not None
    return {
        "people": people.in_order(entry.member for entry in roster),
        "chair": chair,
        "taker": taker if taker != chair else None,
        "planned_local": local(meeting.planned_at),
    }


async def _gathered(ctx: Context, meeting: Meeting) -> dict[str, Any]:
    """What the room shows to everyone: the roll, the words said, the conclusions, the tasks."""
    people = await people_of(ctx, meeting.cell, meeting.roster)
    assert meeting.opened_at is not None
    ended = meeting.closing.closed_at if meeting.closing else ctx.clock()
    return {
        "people": people,
        "roll": people.in_order(meeting.roster),
        "tally": tally(meeting),
        "items": {item.item: item for item in meeting.agenda},
        "elapsed": max(0, int((ended - meeting.opened_at).total_seconds() // 60)),
        "uncalled": set(meeting.uncalled),
    }


async def _recorded(ctx: Context, meeting: Meeting, rights: frozenset[str], step: str) -> dict[str, Any]:
    """What the screens of whoever records need besides."""
    missing = [(lack_text(lack), STEP_OF_LACK[lack.rule]) for lack in lacking(meeting)]
    values: dict[str, Any] = {
        "step": step,
        "steps": _steps(meeting, step, [where for _text, where in missing]),
        "missing": missing,
        "progress": _progress(meeting),
        "with_online": meeting.form is MeetingForm.ONLINE,
        "reasons": [str(reason) for reason in words.REASONS],
        "can_conclude": "conclude" in rights,
        "discussed": _item(meeting, DISCUSSION),
        "concluded": _item(meeting, CONCLUSION),
    }
    people = await people_of(ctx, meeting.cell, meeting.roster)
    if step == "talk":
        runs = await last_runs(ctx.pool, meeting.cell, QUIET_AFTER)
        quiet = [run.member for run in runs if run.is_quiet and run.member in meeting.present - meeting.spoke]
        values |= {
            "silent": people.in_order(meeting.present - meeting.spoke),
            "spoken": people.in_order(meeting.present & meeting.spoke),
            "quiet": [person.name for person in people.in_order(quiet)],
        }
    if step == "close" and meeting.opened_at is not None:
        basis = await closing_basis(ctx, meeting.cell, meeting.period, meeting.opened_at)
        values["advice"] = advice_on(meeting, ctx.clock(), basis)
    return values


def _item(meeting: Meeting, kind: str) -> AgendaItem:
    """The item of a kind, or the last one of an agenda that has none such."""
    return meeting.item(kind) or meeting.agenda[-1]


STEP_OF_LACK = {
    "closing.roll_call_complete": "roll",
    "closing.excuses_have_reasons": "roll",
    "closing.chair_present": "roll",
    "closing.minute_taker_present": "roll",
    "closing.conclusion_recorded": "conclude",
}


def _steps(meeting: Meeting, current: str, lacking_at: list[str]) -> list[dict[str, str]]:
    counts = tally(meeting)
    called = len(meeting.roster) - counts.exempt
    labels = {
        "roll": _("Điểm danh {n}/{all}", n=called - len(meeting.uncalled), all=called),
        "talk": _("Thảo luận {n}", n=counts.statements) if counts.statements else _("Thảo luận"),
        "conclude": _("Kết luận"),
        "tasks": _("Phân công {n}", n=counts.tasks) if counts.tasks else _("Phân công"),
        "close": _("Bế mạc"),
    }
    done = {
        "roll": "roll" not in lacking_at,
        "talk": counts.statements > 0,
        "conclude": "conclude" not in lacking_at,
        "tasks": counts.tasks > 0,
        "close": False,
    }
    return [
        {
            "label": labels[step],
            "href": f"/meetings/{meeting.meeting}?step={step}",
            "state": "current" if step == current else "done" if done[step] else "ahead",
        }
        for step in STEPS
    ]


def _progress(meeting: Meeting) -> float:
    done = [not meeting.uncalled, bool(meeting.statements), bool(meeting.conclusions), bool(meeting.tasks)]
    return (1 + sum(done)) / (2 + len(done))
