"""Every metric of chibo, in one place; dashboards, alerts and `docs/catalogue.md` are checked against this file.

Embedded, the four services share one process and this registry: hence the ``service`` label.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

# HTTP --------------------------------------------------------------------------------------------------------

HTTP_REQUESTS = Counter(
    "chibo_http_requests_total",
    "Answered requests by route template and status.",
    ["service", "method", "route", "status"],
    registry=REGISTRY,
)
HTTP_SECONDS = Histogram(
    "chibo_http_seconds",
    "Seconds from request to the last byte of the answer; streams of server-sent events are left out.",
    ["service", "route"],
    buckets=_FAST,
    registry=REGISTRY,
)
REFUSALS = Counter(
    "chibo_refusals_total", "Commands refused, by the rule that said no.", ["service", "rule"], registry=REGISTRY
)
LIVE_CLIENTS = Gauge(
    "chibo_live_clients", "Browsers that follow a page by server-sent events now.", ["service"], registry=REGISTRY
)

# Event log ---------------------------------------------------------------------------------------------------

APPENDS = Counter(
    "chibo_appends_total", "Commands recorded in the log, repeats left out.", ["service"], registry=REGISTRY
)
APPEND_SECONDS = Histogram(
    "chibo_append_seconds",
    "Seconds from calling the database to the answer that the command is on disk.",
    ["service"],
    buckets=_FAST,
    registry=REGISTRY,
)
APPEND_CONFLICTS = Counter(
    "chibo_append_conflicts_total",
    "Appends refused because somebody else wrote to the stream first.",
    ["service"],
    registry=REGISTRY,
)
