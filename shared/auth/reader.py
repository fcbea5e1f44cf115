"""Who reads a page: the person logged in, by the weightiest office held and its organisation's name."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import asyncpg
from starlette.requests import Request

from shared.auth.model import Actor
from shared.events.members import Office

SHOWN_FIRST: Final = (  # who holds several offices is shown by the first of these
    Office.INSPECTOR,
    Office.COMMITTEE_OFFICE,
    Office.CELL_SECRETARY,
    Office.DEPUTY_SECRETARY,
    Office.MINUTE_TAKER,
    Office.DATA_PROTECTION_OFFICER,
    Office.OPERATOR,
    Office.MEMBER,
)
_NAME: Final = "SELECT name FROM view_organisations.organisation WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is logged in, as the header of every page says it."""

    account: str
    offices: Collection[Office]
    office: Office | None = None  # the one shown
    organisation: str = ""  # its organisation's name
    name: str = ""
    member: str | None = None  # whose record is the reader's own


async def introduce(pool: asyncpg.Pool, actor: Actor) -> Reader:
    """``actor`` by the weightiest office held and the name of its organisation."""
    held = {office.office: office.organisation for office in actor.offices}
    office = next((office for office in SHOWN_FIRST if office in held), None)
    name = await pool.fetchval(_NAME, held[office]) if office else None
    return Reader(actor.account, list(held), office, name or "", member=actor.member)


def reader_of(request: Request) -> Reader | None:
    """The reader of this request, or None when nobody is logged in."""
    reader: Reader | None = getattr(request.state, "reader", None)
    return reader
