"""The meeting a request names: its cell decides who may, and its state is read once per request."""

from fastapi import HTTPException, Request

from services.meetings.domain.meeting import Meeting
from services.meetings.handlers import MEETINGS, read_meeting
from shared.commands import seen
from shared.context import Context


async def meeting_of(request: Request, ctx: Context) -> tuple[Meeting, int]:
    """The meeting in the path as the log has it, and its version. Raises 404 when there is none."""
    known: tuple[Meeting, int] | None = getattr(request.state, "meeting", None)
    if known is None:
        known = await read_meeting(ctx, request.path_params["meeting"])
        if known[1] == 0:
            raise HTTPException(404)
        request.state.meeting = known
    return known


async def cell_of_meeting(request: Request, ctx: Context) -> str:
    """Whose meeting it is. That never changes, so that what was seen of the meeting before says it too."""
    known, version = seen(ctx.log, MEETINGS, request.path_params["meeting"])
    if version > 0:
        return known.cell
    return (await meeting_of(request, ctx))[0].cell


async def cell_in_path(request: Request, ctx: Context) -> str:
    cell: str = request.path_params["cell"]
    return cell
