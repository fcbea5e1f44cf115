"""E-mail through a delivery table: attempts, back-off, a final state. At least once, under a key the receiver can see.

Who is told is settled when the mail goes out, not when the finding was made: the offices held then decide.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import orjson

from services.notifications.domain.notification import Raise
from services.notifications.views.readers import asked
from shared.clock import vietnam_date
from shared.ids import derived_id

BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)  # after the attempt that follows the last of these, a delivery has failed for good
LOOK_FOR_READERS = timedelta(hours=1)  # offices may reach our view after the finding; then nobody holds them

WAKE = "chibo_deliveries"


@dataclass(frozen=True, slots=True)
class Due:
    """A message to send now. ``email`` is sealed under the member's key."""

    delivery: str
    member: str
    email: str
    rule: str
    organisation: str
    organisation_name: str
    params: dict[str, str]
    link: str
    attempts: int


async def enqueue(connection: asyncpg.Connection, order: Raise) -> None:
    """Remember, in the transaction of the finding, that its readers are to be told by e-mail."""
    added = await connection.fetchval(
        """
        insert into delivery_request (notification, rule, organisation, audience, params, link, created_at)
        values ($1, $2, $3, $4, $5, $6, $7) on conflict (notification) do nothing returning true
        """,
        order.notification,
        order.rule,
        order.organisation,
        [office.value for office in order.audience],
        orjson.dumps(dict(order.params)).decode(),
        order.link,
        order.at,
    )
    if added:
        await connection.execute(f"notify {WAKE}")


async def expand(pool: asyncpg.Pool, now: datetime) -> int:
    """Turn requests into one delivery per reader who has an e-mail address. Returns how many were made."""
    async with pool.acquire() as connection, connection.transaction():
        requests = await connection.fetch(
            "select * from delivery_request where expanded_at is null order by created_at limit 100"
            " for update skip locked"
        )
        made = 0
        for request in requests:
            members = await connection.fetch(_READERS, request["organisation"], request["audience"], vietnam_date(now))
            for row in members:
                await connection.execute(
                    """
                    insert into delivery (delivery, notification, member, state, attempts, next_attempt_at)
                    values ($1, $2, $3, 'pending', 0, $4) on conflict do nothing
                    """,
                    derived_id("delivery", request["notification"], row["member"]),
                    request["notification"],
                    row["member"],
                    now,
                )
                made += 1
            if members or now - request["created_at"] > LOOK_FOR_READERS:
                await connection.execute(
                    "update delivery_request set expanded_at = $2 where notification = $1",
                    request["notification"],
                    now,
                )
        return made


_READERS = f"""
    select distinct m.member
      from view_organisations.organisation o
      join view_roster.office f
        on f.office = any ($2::text[])
       and f.organisation = {asked("f.office", "$3")}
       and f.from_on <= $3 and (f.until_on is null or f.until_on > $3)
      join view_roster.member m on m.member = f.member and m.email is not null and not m.erased
     where o.id = $1
"""  # noqa: S608  (constants only)


async def claim(connection: asyncpg.Connection, now: datetime) -> Due | None:
    """The next message to send, locked for this transaction, so that two workers never send the same at once."""
    row = await connection.fetchrow(
        """
        select d.delivery, d.member, m.email, r.rule, r.organisation, r.params, r.link, d.attempts,
               coalesce(o.name, r.organisation) as organisation_name
          from delivery d
          join delivery_request r using (notification)
          join view_roster.member m on m.member = d.member
          left join view_organisations.organisation o on o.id = r.organisation
         where d.state = 'pending' and d.next_attempt_at <= $1 and m.email is not null
         order by d.next_attempt_at limit 1
           for update of d skip locked
        """,
        now,
    )
    if row is None:
        return None
    values = dict(row)
    values["params"] = orjson.loads(values["params"])
    return Due(**values)


async def sent(connection: asyncpg.Connection, due: Due, now: datetime) -> None:
    await connection.execute(
        "update delivery set state = 'sent', attempts = attempts + 1, finished_at = $2, last_error = null"
        " where delivery = $1",
        due.delivery,
        now,
    )


async def not_sent(connection: asyncpg.Connection, due: Due, now: datetime, error: str, *, final: bool) -> str:
    """Note a failed attempt. Returns the state: ``pending`` with a later attempt, or ``failed`` for good."""
    failed = final or due.attempts >= len(BACK_OFF)
    await connection.execute(
        "update delivery set state = $2, attempts = attempts + 1, last_error = $3, next_attempt_at = $4,"
        " finished_at = $5 where delivery = $1",
        due.delivery,
        "failed" if failed else "pending",
        error[:500],
        now if failed else now + BACK_OFF[due.attempts],
        now if failed else None,
    )
    return "failed" if failed else "pending"
