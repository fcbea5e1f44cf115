"""Identifiers: lower-case UUID strings, made by whoever first names a thing."""

from typing import Annotated
from uuid import NAMESPACE_URL, uuid4, uuid5

from pydantic import StringConstraints

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


def new_id() -> str:
    return str(uuid4())


def derived_id(*parts: str) -> str:
    """The same parts give the same id everywhere: for facts that two parties must be able to name alike."""
    return str(uuid5(NAMESPACE_URL, "chibo:" + "/".join(parts)))
