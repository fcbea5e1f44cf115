"""Runs a benchmark by name, on servers of its own or on a PostgreSQL that is named."""

from importlib import import_module
from typing import Any

import uvloop

from bench import BENCHMARKS
from bench.figures import Result, Size, document, machine
from bench.servers import Place, servers

EMBEDDED = ("freshness", "http", "footprint")  # whole services, whose databases have no place on a server of others


def run(name: str, size: Size, postgres_url: str | None = None) -> dict[str, Any]:
    """The JSON document of one benchmark. Raises KeyError for a name that is not in `BENCHMARKS`."""
    BENCHMARKS[name]
    module, before = import_module(f"bench.{name}"), machine()

    async def work(place: Place) -> tuple[dict[str, str], Result]:
        return await place.settings(), await module.run(place, size)

    with servers(None if name in EMBEDDED else postgres_url) as place:
        settings, result = uvloop.run(work(place))
    told: dict[str, Any] = document(name, size, settings, before, result)
    return told
