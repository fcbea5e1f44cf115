"""Who may do what: one row per action. What is not here is denied.

An action is allowed to an actor who holds one of its offices in an organisation whose subtree holds the target.
Every endpoint of every service names its action; `tests/test_permissions.py` walks all of them.
"""

from typing import Final

from shared.events.members import Office as O  # noqa: N817  (the table is read in columns)

PUBLIC: Final = "public"  # anyone, also without a login: the login page, health, static files
SIGNED_IN: Final = "signed_in"  # whoever is logged in, on what is their own
INTERNAL: Final = "internal"  # another service, by its own token; never routed from outside

_CELL = frozenset({O.CELL_SECRETARY, O.DEPUTY_SECRETARY, O.MINUTE_TAKER})
_COMMITTEE = frozenset({O.COMMITTEE_OFFICE})
_INSPECTION = frozenset({O.INSPECTOR})

PERMISSIONS: Final[dict[str, frozenset[O]]] = {
    # members
    "organisation.read": _CELL | _COMMITTEE | _INSPECTION | {O.MEMBER, O.DATA_PROTECTION_OFFICER},
    "organisation.manage": _COMMITTEE,
    "roster.read": _CELL | _COMMITTEE | _INSPECTION,
    "roster.manage": _COMMITTEE | {O.CELL_SECRETARY},
    "roster.import": _COMMITTEE,
    "office.assign": _COMMITTEE | {O.OPERATOR},
    "office.assign_guards": frozenset({O.OPERATOR}),  # operator, data protection officer
    "account.manage": _COMMITTEE | {O.OPERATOR},
    "rule.adopt": _COMMITTEE,
    "person.erase": frozenset({O.DATA_PROTECTION_OFFICER}),
    "person.readings": frozenset({O.DATA_PROTECTION_OFFICER}),
    # meetings
    "meeting.read": _CELL | _COMMITTEE | _INSPECTION | {O.MEMBER},
    "meeting.plan": _CELL - {O.MINUTE_TAKER},
    "meeting.record": _CELL,
    "meeting.conclude": frozenset({O.CELL_SECRETARY, O.DEPUTY_SECRETARY}),
    "meeting.correct": frozenset({O.CELL_SECRETARY, O.DEPUTY_SECRETARY}),
    # inspection
    "supervision.read": _INSPECTION | _COMMITTEE,
    "supervision.record": _INSPECTION | _COMMITTEE | {O.CELL_SECRETARY, O.DEPUTY_SECRETARY},  # of one's own cell
    "supervision.remark": _INSPECTION,
    # notifications: an inbox is one's own (SIGNED_IN)
}
