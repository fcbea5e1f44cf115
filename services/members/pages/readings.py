"""Who read whose record, as the data protection officer sees it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.members.pages.words import READ, name_of
from services.members.register.desk import Desk, Register
from services.members.register.readings import Reading, readings
from shared import roster
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.organisations import organisations
from shared.web import render
from shared.web.i18n import _

router = APIRouter(prefix="/members", include_in_schema=False)

ROWS = 50


@router.get("/readings")
async def show_readings(
    request: Request,
    desk: Register,
    actor: Annotated[Actor, Depends(allow("person.readings"))],
    person: str = "",
    before: str = "",
) -> Response:
    rows = await readings(
        desk,
        actor.organisations(*PERMISSIONS["person.readings"]),
        person=person or None,
        before=int(before) if before.isdecimal() else None,
        limit=ROWS + 1,
    )
    return render(
        request,
        "members/readings.html",
        title=_("Nhật ký xem hồ sơ"),
        rows=await _told(desk, rows[:ROWS]),
        person=person,
        older=rows[ROWS - 1].id if len(rows) > ROWS else None,
    )


async def _told(desk: Desk, rows: list[Reading]) -> list[dict[str, Any]]:
    """Readings with the names of who read, whom, and of which cell."""
    cells = await organisations(desk.pool, list({row.cell for row in rows}))
    logins = {
        row["account"]: row["login"]
        for row in await desk.pool.fetch(
            "SELECT account, login FROM credential WHERE account = ANY($1::text[])", list({row.account for row in rows})
        )
    }
    people = sorted({row.person for row in rows if row.person})
    sealed = [(id, found.full_name if (found := await roster.member(desk.pool, id)) else None) for id in people]
    names = dict(zip(people, await desk.keyring.open_many(sealed), strict=True))
    return [
        {
            "at": row.at,
            "login": logins.get(row.account, row.account),
            "what": READ.get(row.what, row.what),
            "person": row.person,
            "name": name_of(names[row.person]) if row.person else "",
            "cell": cells[row.cell].name if row.cell in cells else row.cell,
        }
        for row in rows
    ]
