"""The view ``rules``: what committees adopted, for every service that judges by rules."""

import json
from datetime import date

import asyncpg

from shared.eventlog import Recorded
from shared.events.members import RuleAdopted
from shared.rules.parameters import check_value
from shared.rules.ruleset import AdoptedRule, RuleSet
from shared.streams import Changes, Table, View

ADOPTED = Table(
    "adopted",
    columns={
        "organisation": "text NOT NULL",
        "code": "text NOT NULL",
        "effective_from": "date NOT NULL",
        "effective_to": "date",
        "value": "text NOT NULL",  # JSON
        "legal_basis": "text NOT NULL",
    },
    key=("organisation", "code", "effective_from"),
)

VIEW = View("rules", version=1, sources=("members",), tables=(ADOPTED,))

_APPLICABLE = """
    WITH place AS (
        SELECT coalesce((SELECT path FROM view_organisations.organisation WHERE id = $1), ARRAY[$1]) AS path
    )
    SELECT place.path, adopted.organisation, code, value, legal_basis, effective_from, effective_to
    FROM place LEFT JOIN view_rules.adopted
        ON adopted.organisation = ANY (place.path)
        AND effective_from <= $2 AND (effective_to IS NULL OR effective_to >= $2)
"""


@VIEW.on(RuleAdopted)
async def adopted(change: Changes, recorded: Recorded[RuleAdopted]) -> None:
    """A later adoption for the same day replaces the earlier; a code or value unknown here is an error to see."""
    event = recorded.data
    check_value(event.code, event.value)
    row = await change.row(
        ADOPTED, organisation=event.organisation, code=event.code, effective_from=event.effective_from
    )
    row |= {
        "effective_to": event.effective_to,
        "value": json.dumps(event.value),
        "legal_basis": event.legal_basis,
    }


class Rules:
    """The rule sets of a service, read from its views ``rules`` and ``organisations``."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def at(self, organisation: str, day: date) -> RuleSet:
        """The rules of ``organisation`` on ``day``; of an organisation not known here yet, its own and the defaults."""
        rows = await self._pool.fetch(_APPLICABLE, organisation, day)
        return RuleSet.at(
            day,
            rows[0]["path"],
            [
                AdoptedRule(
                    row["organisation"], row["code"], json.loads(row["value"]), row["legal_basis"],
                    row["effective_from"], row["effective_to"],
                )
                for row in rows
                if row["organisation"] is not None
            ],
        )  # fmt: skip
