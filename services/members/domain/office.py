"""The offices held in one organisation: who may act for it, from when until when. One stream per organisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from shared.events.base import Event
from shared.events.members import Office, OfficeAssigned, OfficeEnded
from shared.refusal import require

HELD_BY_ONE: Final = frozenset({Office.CELL_SECRETARY})
ASSIGNED_BY_OPERATOR: Final = frozenset({Office.OPERATOR, Office.DATA_PROTECTION_OFFICER})  # they watch the assigners


@dataclass(frozen=True, slots=True)
class AssignOffice:
    """Give an account an office over an organisation's subtree.

    ``until_on`` is the first day the office is no longer held; None when the term has no end yet.
    """

    assignment: str
    organisation: str
    account: str
    office: Office
    from_on: date
    until_on: date | None = None
    member: str | None = None
    by_operator: bool = False  # who assigns it is an operator here


@dataclass(frozen=True, slots=True)
class EndOffice:
    """End a term before its day; ``ended_on`` is the first day the office is no longer held."""

    assignment: str
    ended_on: date
    reason: str
    by_operator: bool = False


Order = AssignOffice | EndOffice


@dataclass(frozen=True, slots=True)
class Term:
    organisation: str
    account: str
    office: Office
    from_on: date
    until_on: date | None

    def overlaps(self, from_on: date, until_on: date | None) -> bool:
        """Whether a day lies in both; a term withdrawn on its first day has none."""
        begins = max(self.from_on, from_on)
        return all(end is None or begins < end for end in (self.until_on, until_on))


@dataclass(frozen=True, slots=True)
class Offices:
    terms: Mapping[str, Term] = field(default_factory=dict)  # by assignment

    def at_the_same_time(self, office: Office, from_on: date, until_on: date | None) -> list[Term]:
        return [term for term in self.terms.values() if term.office is office and term.overlaps(from_on, until_on)]


EMPTY: Final = Offices()


def decide(state: Offices, command: Order) -> Sequence[Event]:
    match command:
        case AssignOffice(assignment, organisation, account, office, from_on, until_on, member, by_operator):
            _require_assigner(office, by_operator)
            require(assignment not in state.terms, "office.assigned_once")
            require(until_on is None or from_on < until_on, "office.ends_after_it_begins")
            others = state.at_the_same_time(office, from_on, until_on)
            require(account not in {term.account for term in others}, "office.not_held_twice", office=office.value)
            require(not others or office not in HELD_BY_ONE, "office.held_by_one", office=office.value)
            return [
                OfficeAssigned(
                    assignment=assignment,
                    account=account,
                    member=member,
                    office=office,
                    organisation=organisation,
                    from_on=from_on,
                    until_on=until_on,
                )
            ]
        case EndOffice(assignment, ended_on, reason, by_operator):
            require(assignment in state.terms, "office.known")
            term = state.terms[assignment]
            _require_assigner(term.office, by_operator)
            require(ended_on >= term.from_on, "office.ends_after_it_begins")
            require(term.until_on is None or ended_on < term.until_on, "office.ends_earlier")
            require(reason.strip() != "", "office.reason_given")
            return [
                OfficeEnded(
                    assignment=assignment,
                    account=term.account,
                    organisation=term.organisation,
                    ended_on=ended_on,
                    reason=reason.strip(),
                )
            ]


def evolve(state: Offices, event: Event) -> Offices:
    match event:
        case OfficeAssigned():
            term = Term(event.organisation, event.account, event.office, event.from_on, event.until_on)
            return replace(state, terms={**state.terms, event.assignment: term})
        case OfficeEnded(assignment=assignment, ended_on=ended_on):
            ended = replace(state.terms[assignment], until_on=ended_on)
            return replace(state, terms={**state.terms, assignment: ended})
        case _:
            raise TypeError(f"{type(event).__name__} is no event of an office")


def _require_assigner(office: Office, by_operator: bool) -> None:
    require(by_operator or office not in ASSIGNED_BY_OPERATOR, "office.assigned_by_operator", office=office.value)
