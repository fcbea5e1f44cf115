"""Well-known bugs of event stores, to be put back: each shows that the check it names would catch it.

One module for each bug. Its docstring tells what goes wrong; its ``BUG`` puts it back, and names the test of the suite
that must then fail, and how. `tests/spine/test_reverts.py` runs that very test in a process of its own with the bug.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules


@dataclass(frozen=True, slots=True)
class Bug:
    """``fails_with``: a regular expression that the report of the failing ``check`` matches, so that it fails for the
    right reason. ``quick``: whether to try it in every run of the tests."""

    put_back: Callable[[], None]
    check: str
    fails_with: str
    quick: bool = False


def names() -> list[str]:
    return sorted(module.name for module in iter_modules(__path__) if module.name != "plugin")


def bug(name: str) -> Bug:
    found: Bug = import_module(f"{__name__}.{name}").BUG
    return found
