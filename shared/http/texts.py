"""The texts of refusals, as data: every named rule with its Vietnamese, its English and its source."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class RuleText:
    rule: str
    vi: str
    en: str
    source: str
    status: int = 422

    def say(self, locale: str, params: dict[str, Any]) -> str:
        """The sentence in ``locale``; a parameter the text does not use is left out."""
        text = self.en if locale == "en" else self.vi
        return text.format_map(_Shown(params))


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
