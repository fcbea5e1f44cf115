"""What the reader of a page may do in a cell, so that a page offers nothing it would refuse."""

from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.context import Context

ACTIONS = ("read", "plan", "record", "conclude", "correct")

_PATH = "SELECT path FROM view_organisations.organisation WHERE id = $1"


async def may(ctx: Context, actor: Actor, cell: str) -> frozenset[str]:
    """The actions on meetings open to ``actor`` in ``cell``, without their prefix: ``{"read", "record"}``."""
    path = await ctx.pool.fetchval(_PATH, cell) or [cell]
    offices = {held.office for held in actor.offices if held.organisation in path}
    return frozenset(action for action in ACTIONS if offices & PERMISSIONS[f"meeting.{action}"])
