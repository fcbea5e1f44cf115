"""Every rule a decision names has its text and its source, and every text belongs to a rule."""

import re
from pathlib import Path

import services.meetings
from services.meetings.tests.texts import TEXTS
from shared.auth.permissions import PERMISSIONS

HERE = Path(services.meetings.__file__).parent
KINDS = (
    "meeting|notice|attendance|guest|agenda|statement|conclusion|task|closing|minutes|correction|cell_month|paper|form"
)
NAMED = re.compile(rf'"((?:{KINDS})\.[a-z_]+)"')
ACTIONS = set(PERMISSIONS)  # named alike, but refused by the guard of the endpoint


def test_rules_and_texts_are_the_same_set() -> None:
    code = "\n".join(path.read_text("utf-8") for path in HERE.rglob("*.py") if "tests" not in path.parts)
    texts = {text.rule for text in TEXTS if not text.rule.startswith(("request.", "access.", "text."))}
    assert set(NAMED.findall(code)) - ACTIONS == texts


def test_a_task_says_in_the_readers_language_what_it_lacks() -> None:
    text = TEXTS["task.complete"]
    assert text.say("vi", {"missing": ["owner", "deadline"]}) == "Phân công còn thiếu: người thực hiện, thời hạn."
    assert text.say("en", {"missing": ["quantity"]}) == "The assignment still lacks: quantity."
