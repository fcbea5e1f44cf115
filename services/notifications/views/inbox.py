"""The inbox: what was raised, and who has read it."""

from datetime import date, datetime
from typing import Any

import asyncpg
import orjson

from services.notifications.views.readers import asked
from shared.eventlog import Recorded
from shared.events.notifications import NotificationRaised, NotificationRead
from shared.streams import Changes, Table, View

RAISED = Table(
    "raised",
    {
        "notification": "text",
        "rule": "text not null",
        "organisation": "text not null",
        "audience": "text[] not null",
        "params": "jsonb not null",
        "link": "text not null",
        "raised_at": "timestamptz not null",
    },
    key=("notification",),
    indexes=("(organisation, raised_at)",),
)
READ = Table(
    "read",
    {"notification": "text", "account": "text", "read_at": "timestamptz not null"},
    key=("notification", "account"),
)

INBOX = View("inbox", version=1, sources=("notifications",), tables=(RAISED, READ))


@INBOX.on(NotificationRaised)
async def raised(change: Changes, e: Recorded[NotificationRaised]) -> None:
    row = await change.row(RAISED, notification=e.data.notification)
    row.update(
        rule=e.data.rule,
        organisation=e.data.organisation,
        audience=[office.value for office in e.data.audience],
        params=e.data.params,
        link=e.data.link,
        raised_at=e.data.raised_at,
    )


@INBOX.on(NotificationRead)
async def read(change: Changes, e: Recorded[NotificationRead]) -> None:
    row = await change.row(READ, notification=e.data.notification, account=e.data.account)
    row["read_at"] = e.data.read_at


_MINE = f"""
    with held(office, organisation) as (select * from unnest($2::text[], $3::text[]))
    select r.notification, r.rule, r.organisation, r.params, r.link, r.raised_at,
           o.name || case when o.id = any ($3::text[]) or up.name is null then '' else ', ' || up.name end
               as organisation_name,
           k.read_at
      from view_inbox.raised r
      left join view_organisations.organisation o on o.id = r.organisation
      left join view_organisations.organisation up on up.id = o.parent
      left join view_inbox.read k on k.notification = r.notification and k.account = $1
     where exists (
               select 1 from held h
                where h.office = any (r.audience) and h.organisation = any (o.path)
                  and h.organisation = {asked("h.office", "$4::date")})
"""  # noqa: S608  (constants only)


async def inbox_of(
    pool: asyncpg.Pool,
    account: str,
    held: list[tuple[str, str]],
    *,
    today: date,
    limit: int,
    before: tuple[datetime, str] | None = None,
    only: str | None = None,
) -> list[dict[str, Any]]:
    """What the holder of offices ``(office, organisation)`` is told, newest first; ``limit + 1`` rows at most."""
    rows = await pool.fetch(
        _MINE + " and ($5::timestamptz is null or (r.raised_at, r.notification) < ($5, $6))"
        " and ($8::text is null or r.notification = $8)"
        " order by r.raised_at desc, r.notification desc limit $7",
        account,
        [office for office, _ in held],
        [organisation for _, organisation in held],
        today,
        before[0] if before else None,
        before[1] if before else None,
        limit + 1,
        only,
    )
    return [{**row, "params": orjson.loads(row["params"])} for row in rows]


async def unread_count(pool: asyncpg.Pool, account: str, held: list[tuple[str, str]], today: date) -> int:
    count: int = await pool.fetchval(
        f"select count(*) from ({_MINE}) mine where read_at is null",  # noqa: S608  (constants only)
        account,
        [office for office, _ in held],
        [organisation for _, organisation in held],
        today,
    )
    return count
