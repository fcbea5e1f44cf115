"""What a benchmark found: figures beside their targets, as JSON and as a table."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

Size = Literal["full", "quick", "tiny"]  # minutes; less than one; as little as shows that it works


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that somebody wants to know. Without a target it only tells."""

    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        if self.at_least is not None:
            return self.value >= self.at_least
        return None if self.at_most is None else self.value <= self.at_most

    @property
    def target(self) -> str:
        if self.at_least is not None:
            return f"≥ {said(self.at_least)}"
        return "" if self.at_most is None else f"≤ {said(self.at_most)}"

    def told(self) -> dict[str, Any]:
        given = {"name": self.name, "value": round(self.value, 4), "unit": self.unit}
        return given | {"at_least": self.at_least, "at_most": self.at_most, "met": self.met}


@dataclass(frozen=True, slots=True)
class Result:
    """``rounds`` is everything that was measured; ``notes`` what a reader has to know to judge the figures."""

    figures: Sequence[Figure]
    rounds: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[str] = field(default=())


def said(number: float) -> str:
    """A number as a reader wants it: three digits that count."""
    if number == 0 or abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}" if abs(number) < 10 else f"{number:.1f}"


def machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor(),
        "memory_mb": int((_first("/proc/meminfo", "MemTotal") or "0").split()[0]) // 1024,
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _first(path: str, name: str) -> str | None:
    """The value of the first line ``name: value`` of a file of the kernel's."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)


def document(name: str, size: Size, settings: Mapping[str, str], before: dict[str, Any], result: Result) -> Any:
    """The JSON of one run; its shape is checked by tests/test_bench.py."""
    return {
        "bench": name,
        "size": size,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": before,
        "settings": dict(settings),
        "figures": [figure.told() for figure in result.figures],
        "rounds": list(result.rounds),
        "notes": list(result.notes),
    }
