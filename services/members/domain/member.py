"""A member on a cell's roll: admitted, recognised, exempted, corrected by decision, gone, erased.

Personal fields reach this file sealed; what must be said about their content is checked by `require_person` before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from shared.events.base import Event
from shared.events.members import (
    ExemptionChanged,
    MemberAdmitted,
    MemberDetailsCorrected,
    MemberLeft,
    MemberRecognisedOfficial,
    MemberStatus,
    OrganisationKind,
    PersonErased,
)
from shared.privacy.sealed import Sealed
from shared.refusal import require

PERSONAL: Final = ("full_name", "birth_date", "phone", "email", "address")
EARLIEST_BIRTH: Final = 1900


@dataclass(frozen=True, slots=True)
class Person:
    """Personal fields in clear, before they are sealed. ``birth_date`` is ``YYYY-MM-DD``, or only ``YYYY``."""

    full_name: str
    birth_date: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What the handler found out about the organisation a member enters."""

    id: str
    kind: OrganisationKind
    dissolved: bool


@dataclass(frozen=True, slots=True)
class Admit:
    """Enter a member on a cell's roll; personal fields come sealed."""

    member: str
    cell: Cell | None  # None: there is no such organisation
    status: MemberStatus
    admitted_on: date
    official_on: date | None
    sealed: Mapping[str, Sealed]
    exempt: bool
    today: date


@dataclass(frozen=True, slots=True)
class Correct:
    """Correct the fields given, on a named decision."""

    decision: str
    sealed: Mapping[str, Sealed]


@dataclass(frozen=True, slots=True)
class Recognise:
    """A probationary member becomes an official one."""

    official_on: date
    decision: str
    today: date


@dataclass(frozen=True, slots=True)
class ChangeExemption:
    """Exempt a member from meetings, or end that, with the reason."""

    exempt: bool
    from_on: date
    until_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The member is off the roll from that day on."""

    left_on: date
    reason: str
    today: date


@dataclass(frozen=True, slots=True)
class Erase:
    """Destroy the person's key: what it sealed can be read nowhere any more."""

    reason: str


Order = Admit | Correct | Recognise | ChangeExemption | Leave | Erase


@dataclass(frozen=True, slots=True)
class Member:
    id: str | None = None  # None: never admitted
    cell: str = ""
    status: MemberStatus = MemberStatus.PROBATIONARY
    admitted_on: date = date.min
    official_on: date | None = None
    exempt: bool = False
    left_on: date | None = None
    erased: bool = False
    sealed: Mapping[str, Sealed] = field(default_factory=dict)


EMPTY: Final = Member()


def require_person(person: Person, admitted_on: date) -> None:
    require(person.full_name.strip() != "", "member.name_given")
    if person.birth_date is not None:
        year = int(person.birth_date[:4])
        require(EARLIEST_BIRTH <= year < admitted_on.year, "member.born_before_admission", birth_year=year)


def decide(state: Member, command: Order) -> Sequence[Event]:
    if isinstance(command, Admit):
        return _admit(state, command)
    require(state.id is not None, "member.known")
    id, cell = str(state.id), state.cell
    if isinstance(command, Erase):
        require(command.reason.strip() != "", "member.reason_given")
        return [] if state.erased else [PersonErased(member=id, cell=cell, reason=command.reason.strip())]
    if not isinstance(command, Leave):  # who was erased still counts on the roll until the leaving is recorded
        require(not state.erased, "member.not_erased")
    match command:
        case Correct(decision, sealed):
            require(decision.strip() != "", "member.decision_named")
            require(bool(sealed), "member.something_corrected")
            return [MemberDetailsCorrected(member=id, cell=cell, decision=decision.strip(), **sealed)]
        case Recognise(official_on, decision, today):
            _require_on_roll(state)
            require(state.status is MemberStatus.PROBATIONARY, "member.probationary")
            require(decision.strip() != "", "member.decision_named")
            _require_dates(state.admitted_on, official_on, today)
            return [MemberRecognisedOfficial(member=id, cell=cell, official_on=official_on, decision=decision.strip())]
        case ChangeExemption(exempt, from_on, until_on, reason):
            _require_on_roll(state)
            require(exempt is not state.exempt, "member.exemption_changes")
            require(reason.strip() != "", "member.reason_given")
            require(until_on is None or until_on >= from_on, "member.exemption_ends_later")
            return [
                ExemptionChanged(
                    member=id, cell=cell, exempt=exempt, from_on=from_on, until_on=until_on, reason=reason.strip()
                )
            ]
        case Leave(left_on, reason, today):
            _require_on_roll(state)
            require(reason.strip() != "", "member.reason_given")
            require(left_on <= today, "member.not_in_future", day=left_on)
            require(left_on >= state.admitted_on, "member.leaves_after_admission", admitted_on=state.admitted_on)
            return [MemberLeft(member=id, cell=cell, left_on=left_on, reason=reason.strip())]


def evolve(state: Member, event: Event) -> Member:
    match event:
        case MemberAdmitted():
            return Member(
                id=event.member,
                cell=event.cell,
                status=event.status,
                admitted_on=event.admitted_on,
                official_on=event.official_on,
                exempt=event.exempt,
                sealed=_given(event),
            )
        case MemberDetailsCorrected():
            return replace(state, sealed={**state.sealed, **_given(event)})
        case MemberRecognisedOfficial(official_on=official_on):
            return replace(state, status=MemberStatus.OFFICIAL, official_on=official_on)
        case ExemptionChanged(exempt=exempt):
            return replace(state, exempt=exempt)
        case MemberLeft(left_on=left_on):
            return replace(state, left_on=left_on)
        case PersonErased():
            return replace(state, erased=True, sealed={})
        case _:
            return state


def _admit(state: Member, command: Admit) -> Sequence[Event]:
    require(state.id is None, "member.admitted_once")
    require(command.cell is not None, "member.cell_known")
    assert command.cell is not None  # `require` raised otherwise
    require(command.cell.kind is OrganisationKind.CELL, "member.cell_is_a_cell")
    require(not command.cell.dissolved, "member.cell_stands")
    _require_dates(command.admitted_on, command.official_on, command.today)
    recognised = command.status is MemberStatus.OFFICIAL
    require(recognised or command.official_on is None, "member.official_day_of_an_official")
    return [
        MemberAdmitted(
            member=command.member,
            cell=command.cell.id,
            status=command.status,
            admitted_on=command.admitted_on,
            official_on=command.official_on,
            exempt=command.exempt,
            **command.sealed,
        )
    ]


def _require_on_roll(state: Member) -> None:
    require(state.left_on is None, "member.on_the_roll", left_on=state.left_on)


def _require_dates(admitted_on: date, official_on: date | None, today: date) -> None:
    require(admitted_on <= today, "member.not_in_future", day=admitted_on)
    if official_on is not None:
        require(official_on <= today, "member.not_in_future", day=official_on)
        require(official_on >= admitted_on, "member.official_after_admission", admitted_on=admitted_on)


def _given(event: MemberAdmitted | MemberDetailsCorrected) -> dict[str, Sealed]:
    fields = {name: getattr(event, name) for name in PERSONAL}
    return {name: sealed for name, sealed in fields.items() if sealed is not None}
