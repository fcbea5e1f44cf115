"""The tables of the supervision wall.

Meetings of a cell change only its own rows and add to sums; members' events are applied alone, because a move of an
organisation takes the sums of its cells from one line of ancestors to another.
"""

from services.inspection.domain.month import ATTENDANCE, COUNTERS, EVIDENCE
from shared.streams import Table, View

_COUNTERS = dict.fromkeys(COUNTERS, "integer NOT NULL DEFAULT 0")
_ZERO = dict.fromkeys(COUNTERS, 0)
_EVIDENCE = dict.fromkeys(EVIDENCE, "integer NOT NULL DEFAULT 0")
_NO_EVIDENCE = dict.fromkeys(EVIDENCE, 0)

PLACE = Table(
    "place",
    columns={
        "organisation": "text NOT NULL",
        "parent": "text",
        "path": "text[] NOT NULL",  # from the highest ancestor known to itself
        "kind": "text NOT NULL",
        "sector": "text NOT NULL",
        "name": "text NOT NULL",
        "sought": "text NOT NULL",  # the name without marks, to search in
        "ordered": "text NOT NULL",  # and to sort by
        "since": "text NOT NULL",  # the first and the last month in which a cell is due to meet
        "until": "text",
        "stood_from": "text NOT NULL",  # the first and the last month in which it stood at all
        "stood_to": "text",
    },
    key=("organisation",),
    indexes=("(parent)", "USING gin (path)"),
)

SIZE = Table(
    "size",  # of an organisation with all that is under it, now
    columns={"organisation": "text NOT NULL", "cells": "integer NOT NULL", "members": "integer NOT NULL"},
    key=("organisation",),
    new={"cells": 0, "members": 0},
)

DUE = Table(
    "due",  # by how many the cells due to meet change from this month on; a running sum gives the number due
    columns={"organisation": "text NOT NULL", "period": "text NOT NULL", "cells": "integer NOT NULL"},
    key=("organisation", "period"),
    new={"cells": 0},
)

MEETING = Table(
    "meeting",
    columns={
        "meeting": "text NOT NULL",
        "cell": "text NOT NULL",
        "period": "text NOT NULL",
        "kind": "text NOT NULL",
        "form": "text NOT NULL",
        "theme": "text",
        "entry": "text NOT NULL",
        "planned_at": "timestamptz NOT NULL",
        "opened_at": "timestamptz",
        "closed_at": "timestamptz",
        "cancelled_at": "timestamptz",
        "confirmed_at": "timestamptz",
        "sent_at": "timestamptz",
        "sent_on_time": "boolean",
        "sent_due_on": "date",
        "late": "boolean",
        "window_end": "date",
        "minutes": "integer NOT NULL",
        **dict.fromkeys((*ATTENDANCE, "online", "guests", "tasks", "corrections"), "integer NOT NULL"),
        "roll": "jsonb",  # member -> status, and
        "speakers": "jsonb",  # who has spoken: while the meeting goes on
    },
    key=("meeting",),
    new=dict.fromkeys((*ATTENDANCE, "online", "guests", "tasks", "corrections", "minutes"), 0),
    indexes=(
        "(cell, period)",
        "(opened_at) WHERE opened_at IS NOT NULL AND closed_at IS NULL",
        "(closed_at) WHERE closed_at IS NOT NULL AND sent_at IS NULL",
    ),
)

CELL_MONTH = Table(
    "cell_month",
    columns={
        "cell": "text NOT NULL",
        "period": "text NOT NULL",
        **_COUNTERS,
        **_EVIDENCE,
        "meeting": "text",  # the regular meeting a square links to
        "held_on": "date",
        "entry": "text",
        "open_meeting": "text",
        "other_meeting": "text",  # the last thematic or extraordinary one
    },
    key=("cell", "period"),
    new=_ZERO | _NO_EVIDENCE,
)

CELL_YEAR = Table(
    "cell_year",  # the sums of a row of the wall, so that rows can be sorted by them
    columns={"cell": "text NOT NULL", "year": "integer NOT NULL", **_COUNTERS, "last_met": "date"},
    key=("cell", "year"),
    new=_ZERO,
    indexes=(  # for signals: the cells that lack most, whichever subtree they are sought in
        "(year, missed DESC, cell) WHERE missed > 0",
        "(year, unsent DESC, cell) WHERE unsent > 0",
        "(year, thematic, cell)",
    ),
)

ORGANISATION_MONTH = Table(
    "organisation_month",  # the sums of all cells under an organisation
    columns={"organisation": "text NOT NULL", "period": "text NOT NULL", **_COUNTERS},
    key=("organisation", "period"),
    new=_ZERO,
)

HAPPENING = Table(
    "happening",  # what happened in a cell, for its timeline and for "just happened"
    columns={
        "partition": "integer NOT NULL",
        "position": "bigint NOT NULL",
        "cell": "text NOT NULL",
        "period": "text NOT NULL",
        "meeting": "text",
        "kind": "text NOT NULL",
        "happened_at": "timestamptz NOT NULL",
        "recorded_at": "timestamptz NOT NULL",
        "entry": "text NOT NULL",
        "detail": "jsonb NOT NULL",
    },
    key=("partition", "position"),
    indexes=("(cell, happened_at DESC)", "(cell, recorded_at DESC)", "(recorded_at DESC)"),
)

WALL = View(
    "wall",
    version=2,
    sources=("members", "meetings"),
    tables=(PLACE, SIZE, DUE, MEETING, CELL_MONTH, CELL_YEAR, ORGANISATION_MONTH, HAPPENING),
    concurrent=("meetings",),
)

# of a place p, for whoever looks from $1: cells of several committees may bear one name
ABOVE = "(SELECT u.name FROM view_wall.place u WHERE u.organisation = p.parent AND p.parent <> $1) AS above"
