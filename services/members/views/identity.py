"""Names and birth dates, sealed, by cell: what recognises a person an import names again. Only members keeps it."""

from dataclasses import dataclass

import asyncpg

from shared.eventlog import Recorded
from shared.events.members import MemberAdmitted, MemberDetailsCorrected, MemberLeft, PersonErased
from shared.privacy import Sealed
from shared.streams import Changes, Spot, Table, View

PERSON = Table(
    "person",
    columns={
        "member": "text NOT NULL",
        "cell": "text NOT NULL",
        "full_name": "text",  # sealed
        "birth_date": "text",  # sealed
    },
    key=("member",),
    indexes=("(cell)",),
)

# Every row is changed by one stream only, and a stream lies in one partition.
IDENTITY = View("identity", version=1, sources=["members"], tables=[PERSON], concurrent=["members"])


@IDENTITY.on(MemberAdmitted)
async def admitted(changes: Changes, e: Recorded[MemberAdmitted]) -> None:
    row = await changes.row(PERSON, member=e.data.member)
    row |= {"cell": e.data.cell, "full_name": e.data.full_name, "birth_date": e.data.birth_date}


@IDENTITY.on(MemberDetailsCorrected)
async def corrected(changes: Changes, e: Recorded[MemberDetailsCorrected]) -> None:
    row = await changes.row(PERSON, member=e.data.member)
    row["full_name"] = e.data.full_name or row["full_name"]
    row["birth_date"] = e.data.birth_date or row["birth_date"]


@IDENTITY.reads(MemberAdmitted, MemberDetailsCorrected)
def of_member(event: MemberAdmitted | MemberDetailsCorrected) -> list[Spot]:
    return [PERSON.at(event.member)]


@IDENTITY.on(MemberLeft)
async def left(changes: Changes, e: Recorded[MemberLeft]) -> None:
    changes.delete(PERSON, member=e.data.member)


@IDENTITY.on(PersonErased)
async def erased(changes: Changes, e: Recorded[PersonErased]) -> None:
    changes.delete(PERSON, member=e.data.member)


@dataclass(frozen=True, slots=True)
class Identity:
    member: str
    full_name: Sealed | None
    birth_date: Sealed | None


async def identities(pool: asyncpg.Pool, cell: str) -> list[Identity]:
    rows = await pool.fetch(
        "SELECT member, full_name, birth_date FROM view_identity.person WHERE cell = $1 AND full_name IS NOT NULL", cell
    )
    return [Identity(**dict(row)) for row in rows]
