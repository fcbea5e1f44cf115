"""What bodies and paths of the register have in common, and whose subtree a request is about."""

from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.members.register.desk import desk_of
from services.members.register.people import member_state
from shared import roster
from shared.context import Context
from shared.http import Readable
from shared.ids import Id
from shared.organisations import ORGANISATIONS
from shared.privacy import Erased, Opened

PREFIX = "/members/api/v1"


def _birth_date(text: str) -> str:
    if len(text) > len("1962"):
        date.fromisoformat(text)
    return text


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Readable]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), Readable]
BirthDate = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$"),
    AfterValidator(_birth_date),
    Field(description="YYYY-MM-DD, or only the year."),
]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254), Readable
]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[+0-9][0-9 .()-]{5,24}$")]
Decision = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=100),
    Readable,
    Field(description="Number of the decision it rests on.", examples=["45-QĐ/ĐU"]),
]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), Readable]

OrganisationId = Annotated[Id, Path(description="Id of the organisation.")]
CellId = Annotated[Id, Path(description="Id of the cell.")]
MemberId = Annotated[Id, Path(description="Id of the member.")]
At = Annotated[str | None, Query(description="Position of one's own write that the answer must include.")]


class Body(BaseModel):
    """A request's body: a field that is not known is an error, not a typing mistake passed over."""

    model_config = ConfigDict(extra="forbid")


def shown(opened: Opened | None) -> str | None:
    """A personal field as JSON has it: the text, or nothing."""
    return opened if isinstance(opened, str) else None


def is_erased(opened: Opened | None) -> bool:
    return isinstance(opened, Erased)


async def organisation_in_path(request: Request, ctx: Context) -> str:
    """Who has just established an organisation names that position: the guard must know of it as well."""
    await ctx.caught_up(ORGANISATIONS, request.query_params.get("at"))
    return str(request.path_params["organisation"])


async def cell_in_path(request: Request, ctx: Context) -> str:
    await ctx.caught_up(ORGANISATIONS, request.query_params.get("at"))
    return str(request.path_params["cell"])


async def cell_of_member(request: Request, ctx: Context) -> str:
    """Raises `Refused` (``member.known``)."""
    id = str(request.path_params["member"])
    known = await roster.member(ctx.pool, id)
    return known.cell if known else (await member_state(desk_of(ctx), id)).cell


def example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})
