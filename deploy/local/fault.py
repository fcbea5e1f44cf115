"""What can go wrong on the machine we run on: one clear line that says what to do, in the terminal's language."""

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "texts.toml").read_text(encoding="utf-8"))


def language() -> str:
    """``vi`` or ``en``: what ``CHIBO_LANGUAGE`` says, else the terminal's locale."""
    for name in ("CHIBO_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "vi" if value.lower().startswith("vi") else "en"
    return "en"


def say(code: str, **params: Any) -> str:
    """The text of ``code`` in ``texts.toml``, filled in."""
    return _texts()[code][language()].format(**params)


class Fault(Exception):
    """An expected trouble of this machine. ``code`` is a key of ``texts.toml``; ``str`` is the line to show."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params

    def __str__(self) -> str:
        return say(self.code, **self.params)
