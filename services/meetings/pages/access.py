"""What the reader of a page may do in a cell, so that a page offers nothing it would refuse."""

from shared.auth.http import require_allowed
from shared.auth.model import Actor, Forbidden
from shared.service import Context

ACTIONS = ("meeting.read", "meeting.plan", "meeting.record", "meeting.conclude", "meeting.correct")


async def may(ctx: Context, actor: Actor, cell: str) -> frozenset[str]:
    """The actions on meetings open to ``actor`` in ``cell``, without their prefix: ``{"read", "record"}``."""
    allowed = set()
    for action in ACTIONS:
        try:
            await require_allowed(ctx, actor, action, cell)
        except Forbidden:
            continue
        allowed.add(action.removeprefix("meeting."))
    return frozenset(allowed)
