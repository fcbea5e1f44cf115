"""Time comes from a clock that is passed in: instants are UTC, calendar dates are Vietnam's."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

Clock = Callable[[], datetime]
"""Returns the present instant, aware, in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def vietnam_date(instant: datetime) -> date:
    """The calendar date in Vietnam at an aware instant."""
    return instant.astimezone(VIETNAM).date()


def period_of(day: date) -> str:
    """The month a date lies in, as events carry it: ``YYYY-MM``."""
    return f"{day.year:04d}-{day.month:02d}"
