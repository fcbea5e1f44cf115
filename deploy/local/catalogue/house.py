"""The four services as the catalogue sees them, and how its tables are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from pydantic import SecretStr

from shared.service import Parts
from shared.settings import SERVICES, Settings

HOUSE: Final = Path(__file__).parents[3]
DOCS: Final = HOUSE / "docs"


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    parts: Parts
    app: FastAPI  # built, never started


def services() -> list[Service]:
    return [_service(name) for name in SERVICES]


def _service(name: str) -> Service:
    room = import_module(f"services.{name}.app")
    nowhere = SecretStr("postgresql://")
    settings = Settings(
        service=name,
        role="api",
        database_url=nowhere,
        redis_url=SecretStr("redis://"),
        service_secret=SecretStr("0" * 40),
        master_key=SecretStr("A" * 43),
    )
    return Service(name, room.PARTS, room.create_app(settings))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; what stands in a cell cannot break out of it."""
    lines = [_line(headings), "|" + "---|" * len(headings), *map(_line, rows)]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(" ".join(str(cell).replace("|", "\\|").split()) for cell in cells) + " |"


def first_sentence(thing: object) -> str:
    """What the docstring of a class or function says first; empty if it has none of its own."""
    said = (getattr(thing, "__doc__", None) or "").strip()
    name = getattr(thing, "__name__", "")
    if said.startswith(f"{name}("):  # a dataclass without a docstring shows its fields
        return ""
    return " ".join(said.partition("\n\n")[0].split())
