"""The rules of one organisation on one date: the nearest ancestor's adopted value wins, then the default."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.events.meetings import RuleBasis
from shared.rules.parameters import PARAMETERS, InForce, Share, UnknownRule, Value, check_value


class NotInForce(Exception):
    """The parameter exists, but neither a default nor an adopted value covers the date."""

    def __init__(self, code: str, day: date) -> None:
        super().__init__(f"rule {code!r} has no value on {day}")
        self.code, self.day = code, day


@dataclass(frozen=True, slots=True)
class AdoptedRule:
    """What `members.RuleAdopted` says: a value for the subtree of ``organisation`` over a span of dates."""

    organisation: str
    code: str
    value: Value
    legal_basis: str
    effective_from: date
    effective_to: date | None = None

    def covers(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Every parameter as it stands on ``day`` for the organisation at the end of ``path``."""

    day: date
    adopted: Mapping[str, AdoptedRule]

    @classmethod
    def at(cls, day: date, path: Sequence[str] = (), adopted: Iterable[AdoptedRule] = ()) -> "RuleSet":
        """``path`` leads from the root to the organisation; ``adopted`` in the order of adoption.

        Of one organisation's values for a code, the one that took effect last counts, and of two of the same day the
        one adopted last. Raises `Refused` for an adopted code or value that its parameter does not take.
        """
        depth = {organisation: number for number, organisation in enumerate(path)}
        chosen: dict[str, AdoptedRule] = {}
        for rule in adopted:
            check_value(rule.code, rule.value)
            if rule.organisation not in depth or not rule.covers(day):
                continue
            best = chosen.get(rule.code)
            if best is None or _rank(best, depth) <= _rank(rule, depth):
                chosen[rule.code] = rule
        return cls(day, chosen)

    def value(self, code: str) -> Value:
        """Raises `UnknownRule` and `NotInForce`."""
        return self.in_force(code).value

    def integer(self, code: str) -> int:
        """The value of an integer parameter. Raises also TypeError when it is none or of another type."""
        found = self.value(code)
        if not isinstance(found, int):
            raise TypeError(f"{code} is {found!r}, not an integer")
        return found

    def share(self, code: str) -> Share:
        """The value of a share parameter, exact."""
        return Share.parse(str(self.value(code)))

    def basis(self, code: str) -> RuleBasis:
        """The parameter as a judgement stores it: code, value, legal basis, and whose rule it is."""
        found = self.in_force(code)
        return RuleBasis(
            code=code,
            value=found.value,
            legal_basis=found.legal_basis,
            adopted_by=found.organisation if isinstance(found, AdoptedRule) else None,
        )

    def in_force(self, code: str) -> AdoptedRule | InForce:
        """What was adopted, or the default, with its basis and its dates. Raises `UnknownRule` and `NotInForce`."""
        if code not in PARAMETERS:
            raise UnknownRule(code)
        if code in self.adopted:
            return self.adopted[code]
        for span in PARAMETERS[code].in_force:
            if span.covers(self.day):
                return span
        raise NotInForce(code, self.day)


def _rank(rule: AdoptedRule, depth: Mapping[str, int]) -> tuple[int, date]:
    return depth[rule.organisation], rule.effective_from
