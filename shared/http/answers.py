"""What a command answers, and how a caller names what it saw."""

import hashlib
import re
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from shared.auth.http import current_actor
from shared.auth.model import Actor
from shared.eventlog import Appended, Command
from shared.http.pagination import Malformed
from shared.http.written import cleared
from shared.telemetry.correlation import correlation_id

POSITION_HEADER = "Chibo-Position"
MOST_OF_KEY = 128  # characters
_TAG = re.compile(r'"?(?P<version>[0-9]{1,9})"?')
_NOT_CONTENT = {"csrf", "idempotency_key"}  # fields of a form that may differ between two sendings of the same


async def _fingerprint(request: Request) -> tuple[bytes, str | None]:
    """Hash of method, path and content, and the key a form carries in its hidden field."""
    digest = hashlib.sha256(f"{request.method} {request.scope['path']}\n".encode())
    key = None
    if "form" in request.headers.get("content-type", ""):
        for name, value in (await request.form()).multi_items():
            if name == "idempotency_key" and isinstance(value, str):
                key = value
            if name in _NOT_CONTENT:
                continue
            if isinstance(value, UploadFile):
                content = await value.read()
                await value.seek(0)
            else:
                content = value.encode("utf-8", "surrogatepass")  # whether it can be read is asked later
            digest.update(f"{name}\x00{len(content)}\x00".encode("utf-8", "surrogatepass"))
            digest.update(content)
    else:
        digest.update(await request.body())
    return digest.digest(), key


_REPEATABLE: Final = "Repeating a request with the same key answers as the first time."
_VERSION: Final = 'The version seen, as the ETag gave it: `"7"`.'
_Key = Annotated[str | None, Header(max_length=MOST_OF_KEY, description=_REPEATABLE)]
_Seen = Annotated[str | None, Header(description=_VERSION)]


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


READ_FROM_REQUEST: Final = {
    "parameters": [
        _header("Idempotency-Key", _REPEATABLE, {"type": "string", "maxLength": MOST_OF_KEY}),
        _header("If-Match", _VERSION, {"type": "string"}),
    ]
}
"""As ``openapi_extra`` of an endpoint that reads both headers itself: FastAPI takes longer over two optional headers
than a meeting over the rule it decides."""


async def command_of(request: Request, idempotency_key: _Key = None) -> Command:
    """The command a request is: who asks, under which key, with what content.

    The key is scoped by the account, so that nobody can learn another's answer by guessing a key.
    """
    return await command_by(await current_actor(request), request, idempotency_key)


async def command_by(actor: Actor | None, request: Request, idempotency_key: str | None) -> Command:
    """The same, by one who is known already."""
    fingerprint, form_key = await _fingerprint(request)
    given = _as_sent(idempotency_key) if idempotency_key else form_key
    if given is not None and (len(given) > MOST_OF_KEY or not (given.isprintable() or cleared(given) == given)):
        raise Malformed("idempotency_key")
    who = actor.account if actor is not None else "anonymous"
    return Command(
        actor=who,
        correlation=correlation_id.get(),
        key=f"{who}:{given}" if given else None,
        fingerprint=fingerprint if given else None,
    )


def _as_sent(header: str) -> str:
    """A header is handed on as Latin-1, in which a key in Vietnamese is full of control characters."""
    if header.isascii():
        return header
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


CommandDep = Annotated[Command, Depends(command_of)]


async def expected_version(if_match: _Seen = None) -> int | None:
    """The version named by If-Match, or None. Raises `Malformed` for anything but one strong numeric tag."""
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None:
        raise Malformed("If-Match")
    return int(tag["version"])


IfMatch = Annotated[int | None, Depends(expected_version)]


class Done(BaseModel):
    """A command was carried out; ``position`` can be named by a query that wants to see it (``?at=``)."""

    position: str = Field(examples=["meetings.2.4711"])
    version: int = Field(examples=[7], description="Version of the stream now; also the ETag.")
    repeated: bool = Field(examples=[False], description="True when the same key had been answered before.")
    answer: dict[str, Any] | None = None


def done(appended: Appended, stream: str, response: Response) -> Done:
    """The answer to a command, with its ETag and position as headers."""
    version = appended.versions.get(stream, 0)
    position = str(appended.at)
    response.headers["ETag"] = f'"{version}"'
    response.headers[POSITION_HEADER] = position
    return Done(position=position, version=version, repeated=appended.repeated, answer=appended.answer)
