"""Adopted rules over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from services.members.api.fields import PREFIX, Body, Name, OrganisationId, example, organisation_in_path
from services.members.register import rules
from services.members.register.desk import Register
from services.members.register.rules import RULES
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.events.members import RuleAdopted
from shared.http import CommandDep, Day, Done, Readable, done

router = APIRouter(prefix=f"{PREFIX}/organisations/{{organisation}}/rules", tags=["rules"])

# counted in days or minutes, it still leads to a date
MOST = 1_000_000
Number = Annotated[int, Field(strict=True, ge=-MOST, le=MOST)] | Annotated[float, Field(strict=True, ge=-MOST, le=MOST)]


class Adoption(Body):
    model_config = example(
        code="meeting.regular.min_minutes", value=120, legal_basis="05-QĐ/ĐU", effective_from="2026-12-01",
        effective_to=None,
    )  # fmt: skip

    code: Annotated[str, Field(max_length=100), Readable]
    value: Number | str | bool | list[Number] | None
    legal_basis: Name
    effective_from: Day
    effective_to: Day | None = None


@router.post("", status_code=201, summary="Adopt a rule for the organisation's subtree")
async def adopt(
    organisation: OrganisationId,
    body: Adoption,
    desk: Register,
    command: CommandDep,
    actor: Annotated[Actor, Depends(allow("rule.adopt", organisation_in_path))],
    response: Response,
) -> Done:
    appended = await rules.adopt(desk, command, organisation, **dict(body))
    return done(appended, RULES.stream(organisation), response)


@router.get("", summary="What the organisation itself has adopted")
async def adopted(
    organisation: OrganisationId,
    desk: Register,
    actor: Annotated[Actor, Depends(allow("organisation.read", organisation_in_path))],
) -> list[RuleAdopted]:
    return await rules.adopted(desk, organisation)
