"""Reading what was typed. A field that cannot be read is refused by name, like any rule."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from fastapi import Request

from shared.clock import VIETNAM
from shared.http import cleared, readable
from shared.refusal import Refused
from shared.web.i18n import _

MAX_FIELD = 20_000  # characters


async def typed(request: Request) -> dict[str, str]:
    """The form's text fields, without spaces around them; the guard's own fields are left out."""
    given = await _fields(request)
    if any(len(value) > MAX_FIELD for value in given.values()):
        raise Refused("request.too_large", limit=_("{n} ký tự", n=MAX_FIELD))
    return {name: readable(value) for name, value in given.items()}


async def typed_again(request: Request) -> dict[str, str]:
    """The same for showing it again after a refusal: whatever cannot be read is taken out, nothing else is lost."""
    return {name: cleared(value) for name, value in (await _fields(request)).items()}


async def _fields(request: Request) -> dict[str, str]:
    given = {name: value.strip() for name, value in (await request.form()).items() if isinstance(value, str)}
    return {name: value for name, value in given.items() if name not in ("csrf", "idempotency_key")}


def read_moment(text: str) -> datetime:
    """A ``datetime-local`` field, in Vietnam's time."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)
    except ValueError:
        raise Refused("form.has_time") from None


def read_day(text: str) -> date | None:
    """A date field; None when it was left empty."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("form.has_date") from None


def read_quantity(text: str) -> Decimal | None:
    """A number as written in Vietnam (``1,5``) or not; None when it was left empty."""
    if not text:
        return None
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise Refused("form.has_number") from None
    if not number.is_finite() or abs(number) >= 10**10:
        raise Refused("form.has_number")
    return number


def local(moment: datetime) -> str:
    """A moment as a ``datetime-local`` field carries it."""
    return moment.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M")
