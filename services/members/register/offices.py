"""Who somebody was when they did something: the office an account held on a day, and where."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import asyncpg

from shared.auth.reader import SHOWN_FIRST
from shared.events.members import Office


@dataclass(frozen=True, slots=True)
class Term:
    account: str
    office: Office
    organisation: str
    organisation_name: str  # "" while the tree does not know it here
    from_on: date
    until_on: date | None  # the first day it was no longer held


_TERMS = """
SELECT o.account, o.office, o.organisation, coalesce(p.name, '') AS organisation_name, o.from_on, o.until_on
FROM view_roster.office o LEFT JOIN view_organisations.organisation p ON p.id = o.organisation
WHERE o.account = ANY ($1::text[]) OR o.member = $2 ORDER BY o.from_on DESC, o.office
"""


async def terms_of(pool: asyncpg.Pool, accounts: Collection[str] = (), member: str | None = None) -> list[Term]:
    """All terms of these accounts and of a member, past and present, the latest first."""
    rows = await pool.fetch(_TERMS, list(accounts), member)
    return [Term(**{**dict(row), "office": Office(row["office"])}) for row in rows]


def held_on(terms: Collection[Term], account: str, day: date) -> Term | None:
    """The weightiest of the offices an account held on a day."""
    held = [
        one
        for one in terms
        if one.account == account and one.from_on <= day and (one.until_on is None or day < one.until_on)
    ]
    return min(held, key=lambda one: SHOWN_FIRST.index(one.office), default=None)
