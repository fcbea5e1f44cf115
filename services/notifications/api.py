"""The inbox over HTTP: one's own notifications, newest first, and marking one as read."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from services.notifications.domain.notification import MarkRead
from services.notifications.mail import say
from services.notifications.policies import NOTIFICATIONS
from services.notifications.views.inbox import INBOX, inbox_of, unread_count
from shared.auth.http import signed_in
from shared.auth.model import Actor
from shared.clock import vietnam_date
from shared.commands import execute, load
from shared.context import Context, Ctx
from shared.eventlog import Appended, Command
from shared.http import (
    CommandDep,
    Cursor,
    Done,
    Limit,
    Malformed,
    Page,
    decode_cursor,
    done,
    encode_cursor,
    read_instant,
)
from shared.ids import Id
from shared.refusal import require
from shared.web import language

router = APIRouter(prefix="/notifications/api/v1", tags=["inbox"])

Reader = Annotated[Actor, Depends(signed_in())]


class Notice(BaseModel):
    """A notification as its reader sees it."""

    notification: Id
    rule: str = Field(examples=["cell_month.missed"])
    organisation: Id
    text: str = Field(
        examples=["Chi bộ bản Nà Lơi: chưa sinh hoạt thường kỳ tháng 10/2026; hạn là hết ngày 10/10/2026."]
    )
    link: str = Field(examples=["/inspection/cells/5f0c…"])
    raised_at: datetime
    read_at: datetime | None


class Unread(BaseModel):
    unread: int = Field(examples=[3])


def offices_of(actor: Actor) -> list[tuple[str, str]]:
    return [(held.office.value, held.organisation) for held in actor.offices]


def today_of(ctx: Context) -> date:
    return vietnam_date(ctx.clock())


async def notices(ctx: Context, actor: Actor, limit: int, cursor: str | None = None) -> Page[Notice]:
    """A page of the actor's inbox. Raises `Malformed` for a cursor that is not ours."""
    before = None
    if cursor is not None:
        raised_at, notification = decode_cursor(cursor, 2)
        try:
            before = (read_instant(str(raised_at)), str(notification))
        except ValueError:
            raise Malformed("cursor") from None
    rows = await inbox_of(ctx.pool, actor.account, offices_of(actor), today=today_of(ctx), limit=limit, before=before)
    items = [
        Notice(
            notification=row["notification"],
            rule=row["rule"],
            organisation=row["organisation"],
            text=say(row["rule"], row["organisation_name"] or "…", row["params"], language()),
            link=row["link"],
            raised_at=row["raised_at"],
            read_at=row["read_at"],
        )
        for row in rows[:limit]
    ]
    more = len(rows) > limit
    last = items[-1] if more else None
    return Page(items=items, next=encode_cursor(last.raised_at.isoformat(), last.notification) if last else None)


async def mark_read(ctx: Context, actor: Actor, notification: str, command: Command) -> Appended:
    """Note that the actor has read it. Refused when it does not exist or was never for this reader."""
    state, _ = await load(ctx.log, NOTIFICATIONS, notification)
    mine = await inbox_of(ctx.pool, actor.account, offices_of(actor), today=today_of(ctx), limit=1, only=notification)
    require(state.organisation is not None and bool(mine), "notification.exists")
    assert state.organisation is not None
    order = MarkRead(notification, actor.account, ctx.clock())
    return await execute(ctx.log, NOTIFICATIONS, notification, order, key=state.organisation, command=command)


@router.get("/inbox", summary="My notifications, newest first")
async def inbox(ctx: Ctx, reader: Reader, limit: Limit = 50, cursor: Cursor = None) -> Page[Notice]:
    return await notices(ctx, reader, limit, cursor)


@router.get("/inbox/unread", summary="How many of mine are unread")
async def unread(ctx: Ctx, reader: Reader) -> Unread:
    return Unread(unread=await unread_count(ctx.pool, reader.account, offices_of(reader), today_of(ctx)))


@router.post("/inbox/{notification}/read", summary="Mark one of mine as read")
async def read(notification: Id, ctx: Ctx, reader: Reader, command: CommandDep, response: Response) -> Done:
    appended = await mark_read(ctx, reader, notification, command)
    await ctx.caught_up(INBOX, appended.at)
    return done(appended, NOTIFICATIONS.stream(notification), response)
