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

APPEND_REPEATS = Counter(
    "chibo_append_repeats_total",
    "Commands that had been recorded before: answered as the first time, nothing written.",
    ["service"],
    registry=REGISTRY,
)
APPEND_LOOKUPS = Counter(
    "chibo_append_lookups_total",
    "Times the database was asked again what became of a command, because a connection broke around its COMMIT.",
    ["service"],
    registry=REGISTRY,
)

LOG_MISFITS = Gauge(
    "chibo_log_misfits",
    "Partitions of the event log in which the last recomputation found an event that does not fit.",
    ["service"],
    registry=REGISTRY,
)
LOG_VERIFIED = Gauge(
    "chibo_log_verified_timestamp_seconds",
    "When the event log was last recomputed by its worker, in seconds since 1970.",
    ["service"],
    registry=REGISTRY,
)

# Streams: relay and subscriptions ----------------------------------------------------------------------------

RELAY_PUBLISHED = Counter(
    "chibo_relay_published_total", "Events written to Redis streams.", ["service", "partition"], registry=REGISTRY
)
RELAY_REPAIRS = Counter(
    "chibo_relay_repairs_total",
    "Streams published again because Redis had lost them or somebody else had written to them.",
    ["service", "partition", "reason"],
    registry=REGISTRY,
)
RELAY_FAILURES = Counter(
    "chibo_relay_failures_total", "Rounds of the relay that failed and are tried again.", ["service"], registry=REGISTRY
)
EVENTS_APPLIED = Counter(
    "chibo_events_applied_total",
    "Events whose effect a subscription has committed.",
    ["service", "subscription", "source"],
    registry=REGISTRY,
)
EVENTS_FROM_FEED = Counter(
    "chibo_events_from_feed_total",
    "Events that had to be fetched from their owner because Redis did not have them.",
    ["service", "source"],
    registry=REGISTRY,
)
STRAY_ENTRIES = Counter(
    "chibo_stray_entries_total",
    "Stream entries met that no relay has written.",
    ["service", "source"],
    registry=REGISTRY,
)
SUBSCRIPTION_RETRIES = Counter(
    "chibo_subscription_retries_total",
    "Batches tried again after a passing failure (connection, deadlock).",
    ["service", "subscription"],
    registry=REGISTRY,
)
SUBSCRIPTION_LAG = Gauge(
    "chibo_subscription_lag",
    "Events of the source that have not had their effect yet.",
    ["service", "subscription", "source", "partition"],
    registry=REGISTRY,
)
LAST_READ_AGE = Gauge(
    "chibo_subscription_last_read_age_seconds",
    "Seconds since a reader last asked Redis and got an answer, an empty one included.",
    ["service", "source", "partition"],
    registry=REGISTRY,
)
PARKED_EVENTS = Gauge(
    "chibo_parked_events",
    "Events parked because a subscription failed on them.",
    ["service", "subscription"],
    registry=REGISTRY,
)
FRESHNESS = Histogram(
    "chibo_freshness_seconds",
    "Seconds from an event's entry in its log to its committed effect; clocks of two machines may differ.",
    ["service", "subscription"],
    buckets=_FAST,
    registry=REGISTRY,
)

WAITS = Counter(
    "chibo_waits_total",
    "Queries that waited for a view to have what their reader had just written: reached in time, or late.",
    ["service", "view", "outcome"],
    registry=REGISTRY,
)

# Meetings ----------------------------------------------------------------------------------------------------

MEETINGS_TODAY = Gauge(
    "chibo_meetings_today",
    "Meetings of today in Vietnam: due (planned for it, not cancelled) and held (opened on it).",
    ["state"],
    registry=REGISTRY,
)

# Notifications -----------------------------------------------------------------------------------------------

DELIVERIES = Counter(
    "chibo_deliveries_total", "Attempts to send an e-mail, by what came of it.", ["state"], registry=REGISTRY
)
