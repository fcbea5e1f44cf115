"""Append-only, partitioned, gap-free, hash-chained: the truth of one service."""

from shared.eventlog.log import EventLog
from shared.eventlog.model import (
    MOST_PARTITIONS,
    Appended,
    Broken,
    Command,
    DifferentPartitions,
    Inclusion,
    KeyReused,
    LogError,
    Metadata,
    Misfit,
    Position,
    Recorded,
    StaleVersion,
    Stored,
    UnknownOutcome,
    Verification,
    Write,
)

__all__ = [
    "MOST_PARTITIONS",
    "Appended",
    "Broken",
    "Command",
    "DifferentPartitions",
    "EventLog",
    "Inclusion",
    "KeyReused",
    "LogError",
    "Metadata",
    "Misfit",
    "Position",
    "Recorded",
    "StaleVersion",
    "Stored",
    "UnknownOutcome",
    "Verification",
    "Write",
]
