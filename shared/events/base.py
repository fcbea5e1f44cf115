"""What every event of the published language is: a frozen model with a type name and a schema number."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict

E = TypeVar("E", bound="Event")

Upcast = Callable[[dict[str, Any]], dict[str, Any]]

REGISTRY: dict[str, type["Event"]] = {}
_UPCASTS: dict[tuple[str, int], Upcast] = {}


class UnknownEventType(Exception):
    """An event this code does not know: newer than the reader, or not ours. Never skipped silently."""

    def __init__(self, type_name: str, schema: int) -> None:
        super().__init__(f"event type {type_name!r} (schema {schema}) is unknown to this version of chibo")
        self.type_name = type_name
        self.schema = schema


class Event(BaseModel):
    """A fact of one service. A subclass in ``shared/events/<service>.py`` becomes ``<service>.<ClassName>``."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)

    TYPE: ClassVar[str] = ""
    SCHEMA: ClassVar[int] = 1

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.__name__.startswith("_"):  # a base for several events, not an event
            return
        cls.TYPE = f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}"
        REGISTRY[cls.TYPE] = cls


def upcast(type_name: str, from_schema: int) -> Callable[[Upcast], Upcast]:
    """Register how data of ``type_name`` at ``from_schema`` becomes data at the next schema number."""

    def register(function: Upcast) -> Upcast:
        _UPCASTS[type_name, from_schema] = function
        return function

    return register


def load(type_name: str, schema: int, text: bytes) -> Event:
    """The typed event for stored data (JSON), upcast to the present schema.

    A field that is not known is left out: a published event only gains optional ones, and while services are replaced
    one by one an older reader meets what a newer writer has just recorded.

    Raises `UnknownEventType` for a type or a schema this code has never heard of, `pydantic.ValidationError` for data
    that is not what its type says.
    """
    event = REGISTRY.get(type_name)
    if event is None or schema > event.SCHEMA or schema < 1:
        raise UnknownEventType(type_name, schema)
    if schema == event.SCHEMA:
        return event.model_validate_json(text, extra="ignore")
    data = orjson.loads(text)
    for number in range(schema, event.SCHEMA):
        step = _UPCASTS.get((type_name, number))
        if step is None:
            raise UnknownEventType(type_name, schema)
        data = step(data)
    return event.model_validate(data, extra="ignore")
