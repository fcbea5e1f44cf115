"""What this process has folded of streams lately, so that a command need not read again what never changes.

Events are facts: a state folded to some version is right for that version for ever. It may be old, because another
process has appended meanwhile; whoever uses it reads what follows, or appends with its version and is refused.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

MOST = 500  # streams; a meeting's state is some ten kilobytes


class Folded:
    """The states of the streams used last. ``how`` tells apart who folds a stream in more than one way."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[Hashable, str], tuple[Any, int]] = OrderedDict()

    def get(self, how: Hashable, stream: str) -> tuple[Any, int] | None:
        """State and version, if known."""
        found = self._kept.get((how, stream))
        if found is not None:
            self._kept.move_to_end((how, stream))
        return found

    def keep(self, how: Hashable, stream: str, state: Any, version: int) -> None:
        """Remember a committed state, unless a newer one is known already."""
        known = self._kept.get((how, stream))
        if version > (0 if known is None else known[1]):
            self._kept[how, stream] = (state, version)
            self._kept.move_to_end((how, stream))
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def forget(self, how: Hashable, stream: str) -> None:
        self._kept.pop((how, stream), None)
