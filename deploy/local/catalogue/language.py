"""Chapters: the events of the published language, and the commands that are decided into them."""

import inspect
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from importlib import import_module
from types import ModuleType, UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from deploy.local.catalogue.house import Service, first_sentence, table
from shared.events import REGISTRY


def events(known: Sequence[Service]) -> str:
    written = ["A field with `?` may be left out. Every event carries its schema number; older ones are upcast.\n"]
    for service in known:
        own = [event for name, event in sorted(REGISTRY.items()) if name.startswith(f"{service.name}.")]
        rows = [(f"`{event.TYPE}`", event.SCHEMA, _event_fields(event), first_sentence(event)) for event in own]
        written.append(f"### {service.name}\n\n{table(('event', 'schema', 'fields', 'what happened'), rows)}")
        parts = {part.__name__: part for event in own for part in _parts(event)}
        shapes = [(f"`{name}`", _shape(part), first_sentence(part)) for name, part in sorted(parts.items())]
        if shapes:
            written.append(table(("part", "fields or values", "meaning"), shapes))
    return "\n".join(written)


def _event_fields(model: type[BaseModel]) -> str:
    return ", ".join(
        f"`{name}`{'' if field.is_required() else '?'} {shown(field.annotation)}"
        for name, field in model.model_fields.items()
    )


def shown(annotation: Any) -> str:
    """A type as a reader of the catalogue says it: ``date or none``, ``list of Attendance``."""
    if get_origin(annotation) is None:
        return "none" if annotation is type(None) else str(getattr(annotation, "__name__", annotation))
    inner = [shown(one) for one in get_args(annotation) if one is not Ellipsis]
    if isinstance(annotation, UnionType) or str(get_origin(annotation)) == "typing.Union":
        return " or ".join(inner)
    if get_origin(annotation) in (tuple, list):
        return f"list of {inner[0]}"
    if get_origin(annotation) in (dict, Mapping):
        return f"{inner[1]} by {inner[0]}"
    return inner[0]  # Annotated: the type itself


def _parts(model: type[BaseModel]) -> Iterator[type[BaseModel] | type[Enum]]:
    """The models and enumerations its fields hold, and theirs."""
    for field in model.model_fields.values():
        for part in _classes(field.annotation):
            if issubclass(part, BaseModel):
                yield part
                yield from _parts(part)
            elif issubclass(part, Enum):
                yield part


def _classes(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)


def _shape(part: type[BaseModel] | type[Enum]) -> str:
    if issubclass(part, Enum):
        return " · ".join(f"`{member.value}`" for member in part)
    return _event_fields(part)


@dataclass(frozen=True, slots=True)
class Orders:
    """What may be asked of one aggregate: every module of a ``domain/`` room that names its union ``Order``."""

    module: str  # "meeting.commands"
    commands: tuple[type, ...]


def orders_of(service: str) -> list[Orders]:
    room = import_module(f"services.{service}.domain")
    found = []
    for each in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        module = import_module(each.name)
        named = _own_order(module)
        if named is not None:
            short = each.name.removeprefix(f"{room.__name__}.")
            found.append(Orders(short, get_args(named) or (named,)))
    return found


def _own_order(module: ModuleType) -> Any:
    """``Order`` where it is made, not where it is passed on."""
    named = getattr(module, "Order", None)
    members = get_args(named) or (named,)
    return named if named is not None and all(one.__module__ == module.__name__ for one in members) else None


def deciders(service: str) -> list[str]:
    """Modules of the service's ``domain/`` that decide something, whatever they call it."""
    room = import_module(f"services.{service}.domain")
    modules = [import_module(each.name) for each in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")]
    return [
        module.__name__
        for module in modules
        if inspect.isfunction(decide := getattr(module, "decide", None)) and decide.__module__ == module.__name__
    ]


def commands(known: Sequence[Service]) -> str:
    written = []
    for service in known:
        rows = [
            (orders.module, f"`{command.__name__}`", _command_fields(command), first_sentence(command))
            for orders in orders_of(service.name)
            for command in orders.commands
        ]
        written.append(f"### {service.name}: commands\n\n{table(('of', 'command', 'fields', 'what is asked'), rows)}")
    return "\n".join(written)


def _command_fields(command: Any) -> str:
    return ", ".join(f"`{field.name}` {shown(field.type)}" for field in fields(command))
