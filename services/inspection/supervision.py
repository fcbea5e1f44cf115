"""Whose supervision a request is about, and what its reader supervises."""

from typing import Any

from fastapi import Request

from services.inspection.views.wall.places import Place, place
from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.refusal import Refused


async def supervised(request: Request, _ctx: Any) -> str:
    """The organisation a request names, in its path or as ``?organisation=``."""
    named: str = request.path_params.get("organisation") or request.query_params.get("organisation", "")
    return named


async def supervised_cell(request: Request, _ctx: Any) -> str:
    named: str = request.path_params["cell"]
    return named


def supervises(actor: Actor) -> list[str]:
    """The roots of what the actor supervises, each once."""
    return list(dict.fromkeys(actor.organisations(*PERMISSIONS["supervision.read"])))


async def known(ctx: Any, organisation: str) -> Place:
    """Raises `Refused` (``supervision.organisation_known``)."""
    found = await place(ctx.pool, organisation)
    if found is None:
        raise Refused("supervision.organisation_known", organisation=organisation)
    return found


async def known_cell(ctx: Any, cell: str) -> Place:
    """Raises `Refused` (``supervision.cell_known``)."""
    found = await place(ctx.pool, cell)
    if found is None or not found.is_cell:
        raise Refused("supervision.cell_known", cell=cell)
    return found
