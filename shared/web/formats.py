"""Dates and figures as the reader writes them: 22/11/2026, 91,4% (193/211)."""

from datetime import date, datetime

from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent

from shared.clock import VIETNAM
from shared.web.i18n import _, language

_DAY = {"vi": "dd/MM/yyyy", "en": "d MMM yyyy"}
_MONTH = {"vi": "MMMM/yyyy", "en": "MMMM yyyy"}


def _there(moment: datetime) -> datetime:
    return moment.astimezone(VIETNAM) if moment.tzinfo else moment


def fmt_date(day: date | datetime | str | None) -> str:
    """``22/11/2026``; of a period ``2026-11``: ``tháng 11/2026``; of nothing: an en dash."""
    match day:
        case None:
            return "–"
        case str() if len(day) == len("2026-11"):
            return fmt_period(day)
        case str():
            day = datetime.fromisoformat(day) if "T" in day else date.fromisoformat(day)
    if isinstance(day, datetime):
        day = _there(day).date()
    return format_date(day, _DAY[language()], locale=language())


def fmt_period(period: str) -> str:
    """A month as events carry it (``2026-11``), as people say it: ``tháng 11/2026``."""
    return format_date(date.fromisoformat(f"{period}-01"), _MONTH[language()], locale=language())


def fmt_time(moment: datetime | None) -> str:
    """``14:02``, Vietnam's time."""
    return "–" if moment is None else format_time(_there(moment).time(), "HH:mm", locale=language())


def fmt_datetime(moment: datetime | None) -> str:
    """``14:02 22/11/2026``, Vietnam's time."""
    return "–" if moment is None else f"{fmt_time(moment)} {fmt_date(moment)}"


def fmt_number(number: float | None, digits: int = 1) -> str:
    """``1.234,5``: at most ``digits`` decimals."""
    if number is None:
        return "–"
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    return format_decimal(number, pattern, locale=language())


def fmt_rate(numerator: float, base: float) -> str:
    """Only the rate, ``91,4%``; for places where its base stands beside it."""
    return "–" if not base else format_percent(numerator / base, "#,##0.#%", locale=language())


def fmt_share(numerator: int, denominator: int, *, inclusive: bool) -> str:
    """A bound that a rule sets: ``trên 50%``, or with the bound itself ``từ 50%``."""
    rate = fmt_rate(numerator, denominator)
    return _("từ {rate}", rate=rate) if inclusive else _("trên {rate}", rate=rate)


def fmt_percent(numerator: float, base: float) -> str:
    """A figure is never alone: ``91,4% (193/211)``. Without a base: an en dash and the base."""
    return f"{fmt_rate(numerator, base)} ({fmt_number(numerator)}/{fmt_number(base)})"
