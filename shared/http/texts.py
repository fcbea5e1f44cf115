"""The texts of refusals, as data: every named rule with its Vietnamese, its English and its source."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from shared.clock import VIETNAM

_PRACTICE: Final = re.compile(r"\bpractice (\d+)")


@dataclass(frozen=True, slots=True)
class RuleText:
    rule: str
    vi: str
    en: str
    source: str
    status: int = 422
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # code in a list parameter -> locale -> words

    def say(self, locale: str, params: dict[str, Any]) -> str:
        """The sentence in ``locale``; a parameter the text does not use is left out."""
        text = self.en if locale == "en" else self.vi
        return text.format_map(_Shown({name: self._shown(locale, value) for name, value in params.items()}))

    def basis(self, locale: str) -> str:
        """What the rule rests on, in ``locale``: a practice of the source documents is called one in Vietnamese too."""
        return self.source if locale == "en" else _PRACTICE.sub(r"thông lệ số \1", self.source)

    def _shown(self, locale: str, value: Any) -> Any:
        match value:
            case list() | tuple():
                return ", ".join(self.terms.get(code, {}).get(locale, str(code)) for code in value)
            case datetime():
                return value.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")
            case date():
                return value.strftime("%d/%m/%Y")
            case _:
                return value


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


class RuleTexts:
    """All refusals of a service, with the generic ones of `shared/http/refusals.toml`."""

    def __init__(self, *files: Path) -> None:
        self._texts: dict[str, RuleText] = {}
        for file in (Path(__file__).with_name("refusals.toml"), *files):
            for rule, row in tomllib.loads(file.read_text("utf-8")).items():
                self._texts[rule] = RuleText(rule=rule, **row)

    def __contains__(self, rule: str) -> bool:
        return rule in self._texts

    def __iter__(self) -> Any:
        return iter(self._texts.values())

    def __getitem__(self, rule: str) -> RuleText:
        """The text of a rule; a rule without one still names itself, so that nobody is left without an answer."""
        return self._texts.get(rule) or RuleText(rule=rule, vi=rule, en=rule, source="")
