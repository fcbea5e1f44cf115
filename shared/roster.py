"""Who belongs to which cell and who holds which office, as every service keeps it for itself.

Names stay sealed (`shared.privacy`): a reader opens them through the keyring, and an erased person's are blank.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import asyncpg

from shared.eventlog import Recorded
from shared.events.members import (
    ExemptionChanged,
    MemberAdmitted,
    MemberDetailsCorrected,
    MemberLeft,
    MemberRecognisedOfficial,
    MemberStatus,
    OfficeAssigned,
    OfficeEnded,
    PersonErased,
)
from shared.privacy.sealed import Sealed
from shared.streams import Changes, Spot, Table, View

MEMBER = Table(
    "member",
    columns={
        "member": "text NOT NULL",
        "cell": "text NOT NULL",
        "status": "text NOT NULL",
        "exempt": "boolean NOT NULL",
        "full_name": "text",  # sealed; NULL once erased
        "email": "text",  # sealed
        "admitted_on": "date NOT NULL",
        "official_on": "date",
        "left_on": "date",
        "erased": "boolean NOT NULL",
    },
    key=("member",),
    new={"exempt": False, "erased": False},
    indexes=("(cell, member)",),
)

OFFICE = Table(
    "office",
    columns={
        "assignment": "text NOT NULL",
        "account": "text NOT NULL",
        "member": "text",
        "office": "text NOT NULL",
        "organisation": "text NOT NULL",
        "from_on": "date NOT NULL",
        "until_on": "date",  # the first day it is no longer held
    },
    key=("assignment",),
    indexes=("(account)", "(organisation)", "(member)"),
)

# Every row is changed by one stream only, and a stream lies in one partition.
ROSTER = View("roster", version=1, sources=["members"], tables=[MEMBER, OFFICE], concurrent=["members"])


@ROSTER.on(MemberAdmitted)
async def admitted(changes: Changes, e: Recorded[MemberAdmitted]) -> None:
    row = await changes.row(MEMBER, member=e.data.member)
    row |= {
        "cell": e.data.cell,
        "status": e.data.status,
        "exempt": e.data.exempt,
        "full_name": e.data.full_name,
        "email": e.data.email,
        "admitted_on": e.data.admitted_on,
        "official_on": e.data.official_on,
    }


@ROSTER.on(MemberDetailsCorrected)
async def corrected(changes: Changes, e: Recorded[MemberDetailsCorrected]) -> None:
    row = await changes.row(MEMBER, member=e.data.member)
    row["full_name"] = e.data.full_name or row["full_name"]
    row["email"] = e.data.email or row["email"]


@ROSTER.on(MemberRecognisedOfficial)
async def recognised(changes: Changes, e: Recorded[MemberRecognisedOfficial]) -> None:
    row = await changes.row(MEMBER, member=e.data.member)
    row |= {"status": MemberStatus.OFFICIAL, "official_on": e.data.official_on}


@ROSTER.on(ExemptionChanged)
async def exemption_changed(changes: Changes, e: Recorded[ExemptionChanged]) -> None:
    (await changes.row(MEMBER, member=e.data.member))["exempt"] = e.data.exempt


@ROSTER.on(MemberLeft)
async def left(changes: Changes, e: Recorded[MemberLeft]) -> None:
    (await changes.row(MEMBER, member=e.data.member))["left_on"] = e.data.left_on


@ROSTER.on(PersonErased)
async def erased(changes: Changes, e: Recorded[PersonErased]) -> None:
    row = await changes.row(MEMBER, member=e.data.member)
    row |= {"full_name": None, "email": None, "erased": True}


@ROSTER.reads(
    MemberAdmitted, MemberDetailsCorrected, MemberRecognisedOfficial, ExemptionChanged, MemberLeft, PersonErased
)
def of_member(event: Any) -> list[Spot]:
    return [MEMBER.at(event.member)]


@ROSTER.on(OfficeAssigned)
async def office_assigned(changes: Changes, e: Recorded[OfficeAssigned]) -> None:
    row = await changes.row(OFFICE, assignment=e.data.assignment)
    row |= e.data.model_dump(exclude={"assignment"})


@ROSTER.on(OfficeEnded)
async def office_ended(changes: Changes, e: Recorded[OfficeEnded]) -> None:
    (await changes.row(OFFICE, assignment=e.data.assignment))["until_on"] = e.data.ended_on


# Queries ----------------------------------------------------------------------------------------------------

Reader: TypeAlias = "asyncpg.Pool | asyncpg.Connection"


@dataclass(frozen=True, slots=True)
class RosterMember:
    member: str
    cell: str
    status: MemberStatus
    exempt: bool
    full_name: Sealed | None  # None once erased
    email: Sealed | None
    admitted_on: date
    official_on: date | None
    left_on: date | None
    erased: bool


@dataclass(frozen=True, slots=True)
class HeadCount:
    """Members of a subtree on a day; ``official + probationary == members``, exempt ones are among both."""

    cells: int
    members: int
    official: int
    probationary: int
    exempt: int


async def member(pool: Reader, id: str) -> RosterMember | None:
    row = await pool.fetchrow("SELECT * FROM view_roster.member WHERE member = $1", id)
    return None if row is None else _member(row)


async def roster_of(
    pool: Reader, cell: str, *, after: str = "", limit: int | None = None, with_former: bool = False
) -> list[RosterMember]:
    """The members of a cell in the order of their ids, the present ones only unless ``with_former``."""
    rows = await pool.fetch(
        """
        SELECT * FROM view_roster.member
        WHERE cell = $1 AND member > $2 AND ($3 OR left_on IS NULL) ORDER BY member LIMIT $4
        """,
        cell,
        after,
        with_former,
        limit,
    )
    return [_member(row) for row in rows]


async def head_counts(pool: Reader, root: str, day: date) -> dict[str, HeadCount]:
    """Head counts on ``day`` of ``root`` and of each organisation directly under it, each with its whole subtree.

    Both the tree and the members are those of that day. Exemption is counted as it is known now.
    """
    rows = await pool.fetch(
        """
        WITH RECURSIVE tree AS (
            SELECT organisation, organisation AS top, ARRAY[organisation] AS path FROM view_organisations.history
            WHERE organisation = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
            UNION ALL
            SELECT h.organisation, CASE WHEN t.top = $1 THEN h.organisation ELSE t.top END, t.path || h.organisation
            FROM tree t JOIN view_organisations.history h ON h.parent = t.organisation
            WHERE h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to > $2) AND h.organisation <> ALL (t.path)
        ), counted AS (
            SELECT cell, count(*) AS members, count(*) FILTER (WHERE exempt) AS exempt,
                   count(*) FILTER (WHERE coalesce(official_on <= $2, status = 'official')) AS official
            FROM view_roster.member
            WHERE cell = ANY (SELECT organisation FROM tree) AND admitted_on <= $2 AND (left_on IS NULL OR left_on > $2)
            GROUP BY cell
        )
        SELECT top, count(*) FILTER (WHERE o.kind = 'cell') AS cells, coalesce(sum(members), 0)::bigint AS members,
               coalesce(sum(official), 0)::bigint AS official, coalesce(sum(c.exempt), 0)::bigint AS exempt
        FROM tree t JOIN view_organisations.organisation o ON o.id = t.organisation
        LEFT JOIN counted c ON c.cell = t.organisation
        GROUP BY top
        """,
        root,
        day,
    )
    counts = {
        row["top"]: HeadCount(
            row["cells"], row["members"], row["official"], row["members"] - row["official"], row["exempt"]
        )
        for row in rows
    }
    if root in counts:
        counts[root] = _sum(counts.values())
    return counts


def _sum(counts: Any) -> HeadCount:
    rows = [(one.cells, one.members, one.official, one.probationary, one.exempt) for one in counts]
    return HeadCount(*(sum(column) for column in zip(*rows, strict=True)))


def _member(row: asyncpg.Record) -> RosterMember:
    return RosterMember(**{**dict(row), "status": MemberStatus(row["status"])})
