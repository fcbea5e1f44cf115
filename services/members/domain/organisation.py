"""An organisation of the Party: established, renamed, moved under another, given its fixed day, dissolved."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from shared.events.base import Event
from shared.events.members import (
    FixedMeetingDaySet,
    OrganisationDissolved,
    OrganisationEstablished,
    OrganisationKind,
    OrganisationMoved,
    OrganisationRenamed,
    Sector,
)
from shared.refusal import require

K = OrganisationKind
_RANK: Final = {
    kind: rank
    for rank, kind in enumerate(
        (K.CENTRAL_BLOC, K.SUPERIOR_COMMITTEE, K.GRASSROOTS_COMMITTEE, K.PARTIAL_COMMITTEE, K.CELL)
    )
}
_MAY_STAND_UNDER_ITS_LIKE: Final = frozenset({K.SUPERIOR_COMMITTEE})  # a province above its communes
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Parent:
    """What the handler found out about the parent a command names."""

    id: str
    kind: OrganisationKind
    dissolved: bool
    path: tuple[str, ...]  # its ancestors and itself


@dataclass(frozen=True, slots=True)
class Establish:
    """Found an organisation under its parent, from a day on that is not in the future."""

    organisation: str
    parent_id: str | None
    parent: Parent | None  # None as well if there is no such organisation
    kind: OrganisationKind
    sector: Sector
    name: str
    country: str
    fixed_meeting_day: int | None
    effective_on: date
    today: date


@dataclass(frozen=True, slots=True)
class Rename:
    """Give it another name from a day on; the names before stay with their time."""

    name: str
    effective_on: date
    today: date


@dataclass(frozen=True, slots=True)
class Move:
    """Put it, with everything under it, under another parent."""

    parent: Parent | None
    effective_on: date
    decision: str
    today: date


@dataclass(frozen=True, slots=True)
class Dissolve:
    """End it: no member and no organisation may be left under it."""

    effective_on: date
    decision: str
    members_left: int
    children_left: int
    today: date


@dataclass(frozen=True, slots=True)
class SetFixedDay:
    """Fix the day of the month (1-31) on which the cell meets; None fixes none."""

    day: int | None
    effective_on: date
    today: date


Order = Establish | Rename | Move | Dissolve | SetFixedDay


@dataclass(frozen=True, slots=True)
class Organisation:
    id: str | None = None  # None: never established
    parent: str | None = None
    kind: OrganisationKind = K.CELL
    name: str = ""
    fixed_meeting_day: int | None = None
    established_on: date = date.min
    dissolved_on: date | None = None
    changed_on: dict[str, date] = field(default_factory=dict)  # attribute -> day of its last change

    @property
    def stands(self) -> bool:
        return self.id is not None and self.dissolved_on is None


EMPTY: Final = Organisation()


def kinds_under(parent: OrganisationKind) -> list[OrganisationKind]:
    """What may stand directly under an organisation of the kind ``parent``, highest first; nothing under a cell."""
    above = _RANK[parent]
    return [
        kind for kind, rank in _RANK.items() if above < rank or (above == rank and kind in _MAY_STAND_UNDER_ITS_LIKE)
    ]


def decide(state: Organisation, command: Order) -> Sequence[Event]:
    if isinstance(command, Establish):
        return _establish(state, command)
    require(state.id is not None, "organisation.known")
    require(state.dissolved_on is None, "organisation.not_dissolved", since=state.dissolved_on)
    id = str(state.id)
    match command:
        case Rename(name, effective_on, today):
            require(name.strip() != "", "organisation.name_given")
            _require_in_time(state, "name", effective_on, today)
            if name.strip() == state.name:
                return []
            return [OrganisationRenamed(organisation=id, name=name.strip(), effective_on=effective_on)]
        case Move(parent, effective_on, decision, today):
            require(parent is None or id not in parent.path, "organisation.not_under_itself")
            above = _require_parent(state.kind, parent)
            require(decision.strip() != "", "organisation.decision_named")
            _require_in_time(state, "parent", effective_on, today)
            if above.id == state.parent:
                return []
            return [
                OrganisationMoved(
                    organisation=id, parent=above.id, effective_on=effective_on, decision=decision.strip()
                )
            ]
        case SetFixedDay(day, effective_on, today):
            _require_day_of_month(day)
            _require_in_time(state, "fixed_meeting_day", effective_on, today)
            if day == state.fixed_meeting_day:
                return []
            return [FixedMeetingDaySet(organisation=id, day=day, effective_on=effective_on)]
        case Dissolve(effective_on, decision, members_left, children_left, today):
            require(decision.strip() != "", "organisation.decision_named")
            require(members_left == 0, "organisation.members_moved_first", members=members_left)
            require(children_left == 0, "organisation.children_moved_first", children=children_left)
            for attribute in ("name", "parent", "fixed_meeting_day"):
                _require_in_time(state, attribute, effective_on, today)
            return [OrganisationDissolved(organisation=id, effective_on=effective_on, decision=decision.strip())]


def evolve(state: Organisation, event: Event) -> Organisation:
    match event:
        case OrganisationEstablished():
            return Organisation(
                id=event.organisation,
                parent=event.parent,
                kind=event.kind,
                name=event.name,
                fixed_meeting_day=event.fixed_meeting_day,
                established_on=event.effective_on,
            )
        case OrganisationRenamed(name=name, effective_on=on):
            return replace(state, name=name, changed_on={**state.changed_on, "name": on})
        case OrganisationMoved(parent=parent, effective_on=on):
            return replace(state, parent=parent, changed_on={**state.changed_on, "parent": on})
        case FixedMeetingDaySet(day=day, effective_on=on):
            return replace(state, fixed_meeting_day=day, changed_on={**state.changed_on, "fixed_meeting_day": on})
        case OrganisationDissolved(effective_on=on):
            return replace(state, dissolved_on=on)
        case _:
            return state


def _establish(state: Organisation, command: Establish) -> Sequence[Event]:
    require(state.id is None, "organisation.established_once")
    require(command.name.strip() != "", "organisation.name_given")
    require(_COUNTRY.fullmatch(command.country) is not None, "organisation.country_code", country=command.country)
    require(command.effective_on <= command.today, "organisation.not_in_future", day=command.effective_on)
    _require_day_of_month(command.fixed_meeting_day)
    if command.parent_id is None:
        require(command.kind is not K.CELL, "organisation.cell_has_committee")
    else:
        _require_parent(command.kind, command.parent)
    return [
        OrganisationEstablished(
            organisation=command.organisation,
            parent=command.parent_id,
            kind=command.kind,
            sector=command.sector,
            name=command.name.strip(),
            country=command.country,
            fixed_meeting_day=command.fixed_meeting_day,
            effective_on=command.effective_on,
        )
    ]


def _require_parent(kind: OrganisationKind, parent: Parent | None) -> Parent:
    require(parent is not None, "organisation.parent_known")
    assert parent is not None  # `require` raised otherwise
    require(not parent.dissolved, "organisation.parent_stands")
    require(kind in kinds_under(parent.kind), "organisation.parent_ranks_above", kind=kind, parent_kind=parent.kind)
    return parent


def _require_day_of_month(day: int | None) -> None:
    require(day is None or 1 <= day <= 31, "organisation.fixed_day_in_month", day=day)


def _require_in_time(state: Organisation, attribute: str, day: date, today: date) -> None:
    require(day <= today, "organisation.not_in_future", day=day)
    last = state.changed_on.get(attribute, state.established_on)
    require(day >= last, "organisation.after_last_change", day=day, last=last)
