"""How a cell's month is judged from its meetings, in whole numbers that add up over cells and months."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from operator import itemgetter
from typing import Any, Final

from shared.events.meetings import MeetingKind, Tally
from shared.vietnam import period_of

ATTENDANCE: Final = ("due", "present", "excused", "unexcused", "exempt", "spoke", "statements")
"""From the tally of regular meetings: persons, and statements they made."""

COUNTERS: Final = (
    "held",  # 1 when the regular meeting was held on time
    "late",  # 1 when it was held, but after the window
    "missed",  # 1 when the window passed without one and none was held since, in a month in which it was due
    "beyond",  # 1 when it was held, in time or not, in a month in which the cell was not due to meet
    "open",  # meetings going on
    *ATTENDANCE,
    "minutes",  # length of the regular meetings, in minutes
    "thematic",  # thematic meetings held
    "closed",  # meetings held, of every kind
    "unsent",  # of these: minutes not sent up
    "sent_on_time",
    "sent_late",
)
"""What a month of a cell adds to the month of every organisation above it."""

EVIDENCE: Final = ("regular_on_time", "regular_late", "noticed_missing")
"""What held, late and missed are judged from: two meetings in a month make one month held."""

counters: Final[Callable[[Mapping[str, Any]], tuple[int, ...]]] = itemgetter(*COUNTERS)
"""The `COUNTERS` of a month, in their order."""


def of_meeting(meeting: Mapping[str, Any]) -> dict[str, int]:
    """What one meeting adds to its cell's month. ``meeting`` is a row of the wall's table of meetings."""
    if meeting["closed_at"] is None:
        return {"open": int(meeting["opened_at"] is not None and meeting["cancelled_at"] is None)}
    sent = meeting["sent_at"] is not None
    counts = {
        "closed": 1,
        "unsent": int(not sent),
        "sent_on_time": int(sent and meeting["sent_on_time"]),
        "sent_late": int(sent and not meeting["sent_on_time"]),
    }
    match MeetingKind(meeting["kind"]):
        case MeetingKind.THEMATIC:
            counts["thematic"] = 1
        case MeetingKind.REGULAR:
            counts |= {name: meeting[name] for name in ATTENDANCE}
            counts["minutes"] = meeting["minutes"]
            counts["regular_late" if meeting["late"] else "regular_on_time"] = 1
        case MeetingKind.EXTRAORDINARY:
            pass
    return counts


def judged(month: Mapping[str, Any], *, due: bool) -> dict[str, int]:
    """Held, late or missed: at most one of them is 1. A meeting entered afterwards clears what was missed.

    ``due``: whether the cell had to meet in that month. What was held beyond is counted, and the base with it.
    """
    held = month["regular_on_time"] > 0
    late = not held and month["regular_late"] > 0
    met = held or late
    missed = due and month["noticed_missing"] > 0 and not met
    return {"held": int(held), "late": int(late), "missed": int(missed), "beyond": int(met and not due)}


def first_due(established_on: date) -> str:
    """The first month in which a cell has to meet: the first that it stood from its first day on."""
    month = period_of(established_on)
    return month if established_on.day == 1 else following(month)


def last_due(dissolved_on: date) -> str:
    """The last month in which a cell has to meet: the last that it stood to its end."""
    return period_of(dissolved_on.replace(day=1) - timedelta(days=1))


def following(period: str) -> str:
    """The month after ``YYYY-MM``."""
    year, month = int(period[:4]), int(period[5:])
    return f"{year + month // 12:04d}-{month % 12 + 1:02d}"


def changed(before: tuple[int, ...], after: tuple[int, ...]) -> dict[str, int]:
    """By how much each of the `COUNTERS` has changed; what stays the same is left out."""
    if before == after:
        return {}
    return {name: now - was for name, was, now in zip(COUNTERS, before, after, strict=True) if now != was}


def difference(after: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """What to add to ``before`` to have ``after``; what stays the same is left out."""
    delta = {name: amount - before.get(name, 0) for name, amount in after.items() if amount != before.get(name, 0)}
    delta.update((name, -amount) for name, amount in before.items() if amount and name not in after)
    return delta


def counted(tally: Tally) -> dict[str, int]:
    """The numbers of a tally that a meeting's row keeps."""
    return {name: getattr(tally, name) for name in (*ATTENDANCE, "online", "guests", "tasks")}
