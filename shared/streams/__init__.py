"""From the log to Redis, and from Redis into views: relay, subscriptions, parking, rebuild, waiting."""

from shared.streams.view import Changes, Policy, Spot, Table, View

__all__ = ["Changes", "Policy", "Spot", "Table", "View"]
