"""Who read whose record, for the data protection officer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.members.api.fields import PREFIX
from services.members.register.desk import Register
from services.members.register.readings import Reading, readings
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.http import Cursor, Limit, Malformed, Page, decode_cursor, page_of
from shared.ids import Id

router = APIRouter(prefix=f"{PREFIX}/readings", tags=["privacy"])


@router.get("", summary="Who read which member's record, the newest first")
async def list_readings(
    desk: Register,
    actor: Annotated[Actor, Depends(allow("person.readings"))],
    person: Annotated[Id | None, Query(description="Only the readings of this member's record.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Reading]:
    before = None if cursor is None else decode_cursor(cursor, 1)[0]
    if isinstance(before, str):
        raise Malformed("cursor")
    roots = actor.organisations(*PERMISSIONS["person.readings"])
    rows = await readings(desk, roots, person=person, before=before, limit=limit + 1)
    return page_of(rows, limit, ("id",))
