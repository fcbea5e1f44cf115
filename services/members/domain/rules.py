"""The rules an organisation adopts for its subtree, each from a date and on a legal basis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from shared.events.base import Event
from shared.events.members import RuleAdopted
from shared.refusal import require
from shared.rules import Value, check_value


@dataclass(frozen=True, slots=True)
class Adopt:
    """Set a rule parameter for the organisation's subtree, from a day on, on a legal basis."""

    organisation: str
    stands: bool  # the organisation exists and is not dissolved
    code: str
    value: Value
    legal_basis: str
    effective_from: date
    effective_to: date | None


Order = Adopt


@dataclass(frozen=True, slots=True)
class AdoptedRules:
    """What was adopted, by code and first day."""

    adopted: Mapping[tuple[str, date], RuleAdopted] = field(default_factory=dict)


EMPTY: Final = AdoptedRules()


def decide(state: AdoptedRules, command: Order) -> Sequence[Event]:
    require(command.stands, "rule.organisation_stands")
    check_value(command.code, command.value)
    require(command.legal_basis.strip() != "", "rule.legal_basis_named")
    ends = command.effective_to
    require(ends is None or ends >= command.effective_from, "rule.ends_after_it_begins")
    adopted = RuleAdopted(
        organisation=command.organisation,
        code=command.code,
        value=command.value,
        legal_basis=command.legal_basis.strip(),
        effective_from=command.effective_from,
        effective_to=ends,
    )
    return [] if state.adopted.get((command.code, command.effective_from)) == adopted else [adopted]


def evolve(state: AdoptedRules, event: Event) -> AdoptedRules:
    match event:
        case RuleAdopted(code=code, effective_from=day):
            return replace(state, adopted={**state.adopted, (code, day): event})
        case _:
            return state
