"""Adopting a rule for an organisation's subtree."""

from datetime import date
from typing import Final

from services.members.domain import rules
from services.members.domain.rules import Adopt, AdoptedRules
from services.members.register.desk import Desk
from services.members.register.facts import organisation_state
from shared.commands import Aggregate, execute, load
from shared.eventlog import Appended, Command
from shared.events.members import RuleAdopted
from shared.rules import Value

RULES: Final[Aggregate[AdoptedRules, Adopt]] = Aggregate("rules", rules.EMPTY, rules.decide, rules.evolve)


async def adopt(
    desk: Desk,
    command: Command,
    organisation: str,
    *,
    code: str,
    value: Value,
    legal_basis: str,
    effective_from: date,
    effective_to: date | None = None,
) -> Appended:
    """Raises `Refused` and `KeyReused`."""
    stands = (await organisation_state(desk, organisation)).stands
    order = Adopt(organisation, stands, code, value, legal_basis, effective_from, effective_to)
    return await execute(desk.log, RULES, organisation, order, key=organisation, command=command)


async def adopted(desk: Desk, organisation: str) -> list[RuleAdopted]:
    """What ``organisation`` itself has adopted, by code and first day."""
    state, _ = await load(desk.log, RULES, organisation)
    return [state.adopted[key] for key in sorted(state.adopted)]
