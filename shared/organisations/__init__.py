"""The tree of organisations, as every service keeps it for itself: one view, its history, its queries.

``organisation`` is the present tree, ``path`` running from the highest ancestor known down to the organisation
itself. ``history`` holds what was so from ``valid_from`` until before ``valid_to``, for questions about another day.
"""

from shared.organisations.periods import Period, changed_from, ended_on
from shared.organisations.queries import (
    Organisation,
    ancestors,
    as_of,
    cells_under,
    children,
    is_within,
    is_within_any,
    organisation,
    organisations,
)
from shared.organisations.view import HISTORY, ORGANISATION, ORGANISATIONS

__all__ = [
    "HISTORY",
    "ORGANISATION",
    "ORGANISATIONS",
    "Organisation",
    "Period",
    "ancestors",
    "as_of",
    "cells_under",
    "changed_from",
    "children",
    "ended_on",
    "is_within",
    "is_within_any",
    "organisation",
    "organisations",
]
