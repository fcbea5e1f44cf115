"""Time comes from a clock that is passed in: instants are UTC, calendar dates are Vietnam's."""

from collections.abc import Callable
from datetime import UTC, datetime

from shared.vietnam import VIETNAM, period_of, vietnam_date

__all__ = ["VIETNAM", "Clock", "period_of", "system_clock", "vietnam_date"]

Clock = Callable[[], datetime]
"""Returns the present instant, aware, in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)
