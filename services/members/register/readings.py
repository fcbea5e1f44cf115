"""Who read whose record: written before it is shown, seen by the data protection officer, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.members.register.desk import Desk
from shared.auth.model import Actor

READING_TABLE: Final = (
    """
    CREATE TABLE reading (
        id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        person  text,                  -- whose record; NULL when a whole roll was read
        cell    text NOT NULL,         -- whose roll the person was on
        account text NOT NULL,         -- who read
        what    text NOT NULL,         -- record | roll | account
        at      timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ON reading (person, id)",
    "CREATE INDEX ON reading (cell, id)",
)


_MOST: Final = 2**63 - 1  # what a bigint holds


@dataclass(frozen=True, slots=True)
class Reading:
    id: int
    person: str | None
    cell: str
    account: str
    what: str
    at: datetime


async def record_reading(desk: Desk, actor: Actor, *, what: str, cell: str, person: str | None = None) -> None:
    """Reading one's own record is nobody's business and is not written."""
    if person is not None and person == actor.member:
        return
    await desk.pool.execute(
        "INSERT INTO reading (person, cell, account, what, at) VALUES ($1, $2, $3, $4, $5)",
        person,
        cell,
        actor.account,
        what,
        desk.clock(),
    )


async def readings(
    desk: Desk, roots: Sequence[str], *, person: str | None = None, before: int | None = None, limit: int
) -> list[Reading]:
    """The newest first, of the cells within the subtrees of ``roots``; ``before`` is the last id of the page before."""
    rows = await desk.pool.fetch(
        """
        SELECT r.id, r.person, r.cell, r.account, r.what, r.at
        FROM reading r JOIN view_organisations.organisation o ON o.id = r.cell
        WHERE o.path && $1::text[] AND ($2::text IS NULL OR r.person = $2) AND ($3::bigint IS NULL OR r.id < $3)
        ORDER BY r.id DESC LIMIT $4
        """,
        list(roots),
        person,
        None if before is None else min(before, _MOST),
        limit,
    )
    return [Reading(**dict(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class Seen:
    """That an account read a person's record, or the roll the person is on, so many times in a day."""

    id: int  # of the last of these readings
    account: str
    what: str
    times: int
    at: datetime  # the last of them


async def seen_by(
    desk: Desk, actor: Actor, person: str, cell: str, since: datetime, *, before: int | None = None, limit: int
) -> list[Seen]:
    """Who else read a person's record, as that person, ``actor``, is told: the newest day first, the roll from
    ``since`` on as well."""
    rows = await desk.pool.fetch(
        """
        SELECT max(id) AS id, account, what, count(*) AS times, max(at) AS at FROM reading
        WHERE (person = $1 OR person IS NULL AND cell = $2 AND at >= $3) AND account <> $6
        GROUP BY account, what, (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
        HAVING $4::bigint IS NULL OR max(id) < $4 ORDER BY max(id) DESC LIMIT $5
        """,
        person,
        cell,
        since,
        None if before is None else min(before, _MOST),
        limit,
        actor.account,
    )
    return [Seen(**dict(row)) for row in rows]
