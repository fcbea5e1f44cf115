"""A command that breaks a rule is refused by the rule's name; the reader's language is chosen at the edge."""

from typing import Any


class Refused(Exception):
    """A named business rule said no; nothing was written.

    ``rule`` is a key of the message catalogue (``meeting.open_to_record``); ``params`` fill its text.
    """

    def __init__(self, rule: str, **params: Any) -> None:
        super().__init__(rule)
        self.rule = rule
        self.params = params

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.rule}({shown})" if shown else self.rule


def require(condition: bool, rule: str, **params: Any) -> None:
    if not condition:
        raise Refused(rule, **params)
