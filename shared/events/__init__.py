"""The published language: every event of every service, one file per service.

Importing this package registers all of them, so that a reader can tell an unknown type from an unwanted one.
"""

from shared.events import inspection, meetings, members, notifications
from shared.events.base import REGISTRY, Event, UnknownEventType, load, upcast

__all__ = [
    "REGISTRY",
    "Event",
    "UnknownEventType",
    "inspection",
    "load",
    "meetings",
    "members",
    "notifications",
    "upcast",
]
