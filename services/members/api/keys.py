"""Lending persons' keys to the other services, for a few minutes' use. Never routed from outside."""

from typing import Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from services.members.api.fields import Body
from services.members.register.desk import Register
from shared.auth.http import internal
from shared.ids import Id
from shared.privacy.remote import BATCH, KEYS_PATH, lend

router = APIRouter(tags=["internal"], include_in_schema=False)


class Wanted(Body):
    people: list[Id] = Field(max_length=BATCH)


@router.post(KEYS_PATH, dependencies=[Depends(internal())])
async def keys(body: Wanted, desk: Register, response: Response) -> dict[str, Any]:
    response.headers["Cache-Control"] = "no-store"
    return lend(await desk.keyring.keys(body.people))
