"""The inbox page: what one should know, newest first; opening one marks it as read."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.notifications.api import Reader, mark_read, notices, offices_of, today_of
from services.notifications.views.inbox import INBOX, inbox_of, unread_count
from shared.context import Ctx
from shared.http import CommandDep, Cursor
from shared.ids import Id
from shared.refusal import require
from shared.web import render
from shared.web.i18n import _

router = APIRouter(prefix="/notifications", include_in_schema=False)

At = Annotated[str | None, Query(max_length=64)]


@router.get("")
async def inbox(request: Request, ctx: Ctx, reader: Reader, cursor: Cursor = None, at: At = None) -> Response:
    await ctx.caught_up(INBOX, at)
    page = await notices(ctx, reader, 30, cursor)
    unread = await unread_count(ctx.pool, reader.account, offices_of(reader), today_of(ctx))
    return render(request, "notifications/inbox.html", title=_("Thông báo"), page=page, unread=unread)


@router.post("/{notification}/open")
async def open_one(notification: Id, ctx: Ctx, reader: Reader, command: CommandDep) -> Response:
    """Mark as read and go where it leads."""
    found = await inbox_of(
        ctx.pool, reader.account, offices_of(reader), today=today_of(ctx), limit=1, only=notification
    )
    require(bool(found), "notification.exists")
    await mark_read(ctx, reader, notification, command)
    return RedirectResponse(found[0]["link"], 303)
