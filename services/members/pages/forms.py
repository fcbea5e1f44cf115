"""A form as it was typed, what of it was refused, and what the reader may do: what the register's pages share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from services.members.pages.words import refusal, wrong_fields
from services.members.register.desk import Desk
from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.organisations import is_within_any
from shared.refusal import Refused

MOST_CHARACTERS: Final = 2_000  # of one field
Wrong = (ValidationError, Refused)  # what `trouble_of` can say beside a form

B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What was refused, beside the form it came from, with all that was typed there."""

    form: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)  # field -> what to do about it
    text: str = ""
    source: str = ""
    status: int = 200

    def value(self, form: str, name: str, otherwise: str = "") -> str:
        """What the field holds: as it was typed, or as the page begins it."""
        return self.typed.get(name, "") if form == self.form else otherwise

    def error(self, form: str, name: str) -> str:
        return self.errors.get(name, "") if form == self.form else ""


NO_TROUBLE: Final = Trouble()


async def typed(request: Request) -> dict[str, str]:
    """The form's fields without spaces around them; the guards' own are left out."""
    given = {name: value.strip() for name, value in (await request.form()).items() if isinstance(value, str)}
    if any(len(value) > MOST_CHARACTERS for value in given.values()):
        raise Refused("request.too_large", limit=MOST_CHARACTERS)
    return {name: value for name, value in given.items() if name not in ("csrf", "idempotency_key")}


def filled(body: type[B], given: Mapping[str, str]) -> B:
    """The body the form makes; an empty field is one not given. Raises ValidationError."""
    return body.model_validate({name: text for name, text in given.items() if text})


def trouble_of(error: ValidationError | Refused, form: str, given: Mapping[str, str]) -> Trouble:
    if isinstance(error, ValidationError):
        return Trouble(form, given, wrong_fields(error), status=422)
    text, source, status = refusal(error)
    return Trouble(form, given, {}, text, source, status)


async def may(desk: Desk, actor: Actor, action: str, organisation: str) -> bool:
    """Whether a page should offer ``action``; the route it leads to asks again."""
    return await is_within_any(desk.pool, organisation, actor.organisations(*PERMISSIONS[action]))
