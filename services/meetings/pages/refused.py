"""A refusal on a page: the reader stays where they are, sees the rule and its source, and keeps what was typed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from services.meetings.domain.meeting.completeness import Lack
from shared.http import RuleTexts
from shared.refusal import Refused
from shared.web.i18n import language

TEXTS: Final = RuleTexts(Path(__file__).parents[1] / "refusals.toml")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What was refused, in the reader's words, and the form it came from with all that was typed."""

    rule: str
    text: str
    source: str
    status: int
    params: dict[str, Any]
    form: str = ""
    typed: dict[str, str] = field(default_factory=dict)


def trouble_of(refusal: Refused, form: str, typed: dict[str, str]) -> Trouble:
    text = TEXTS[refusal.rule]
    said = text.say(language(), refusal.params)
    return Trouble(refusal.rule, said, text.basis(language()), text.status, refusal.params, form, typed)


def lack_text(lack: Lack) -> str:
    return TEXTS[lack.rule].say(language(), lack.params)
