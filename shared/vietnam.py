"""Calendar dates are Vietnam's. Pure: a domain may use it, unlike `shared.clock`."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def vietnam_date(instant: datetime) -> date:
    """The calendar date in Vietnam at an aware instant."""
    return instant.astimezone(VIETNAM).date()


def period_of(day: date) -> str:
    """The month a date lies in, as events carry it: ``YYYY-MM``."""
    return f"{day.year:04d}-{day.month:02d}"
