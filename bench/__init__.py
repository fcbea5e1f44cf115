"""How fast chibo is, measured beside its peers: `chibo bench`. Only in a checkout; nothing here is installed.

One file a benchmark: a coroutine ``run(place, size)`` that gives a `figures.Result`. What two contenders do is measured
in turns within one run, on one server that keeps what it has promised through a power cut.
"""

from typing import Final

BENCHMARKS: Final = {
    "append": "commands recorded a second, beside a plain INSERT and two other event stores",
    "freshness": "from commit to visible on inspection's wall, under load",
    "rebuild": "inspection's views from the log: events a second, and memory",
    "catch_up": "all views of a service from nothing, through Redis, as at its first start",
    "http": "commands a second over HTTP, beside an endpoint that only INSERTs",
    "footprint": "memory, processor and start of an idle embedded deployment",
    "growth": "appending and freshness with a log of ten thousand to ten million events",
}
