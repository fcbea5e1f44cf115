"""Every refusal has its texts, and every word of the pages its English."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

from services.members.imports.report import TEXTS

SERVICE = Path(__file__).parents[1]
RULE = re.compile(r'(?:require\(.+?, |Refused\(|Unreadable\(|refuse\(|Reason\()"([a-z]+\.[a-z_]+)"', re.DOTALL)
WORDS = re.compile(r'(?:\b_|lazy|ngettext)\(\s*"([^"]+)"')


def sources(*rooms: str) -> str:
    return "\n".join(file.read_text("utf-8") for room in rooms for file in sorted((SERVICE / room).glob("*.py")))


def test_every_rule_of_the_register_has_its_text_in_both_languages_and_its_source() -> None:
    named = set(RULE.findall(sources("domain", "imports", "register", "access")))
    assert {"member.cell_stands", "import.named_once", "organisation.known"} <= named
    silent = {rule for rule in named if rule not in TEXTS and not rule.startswith("rule.")}
    assert silent == set()
    assert all(text.vi and text.en and text.source for text in TEXTS)


def test_every_word_of_the_pages_is_said_in_english_too() -> None:
    known = set()
    for catalog in (SERVICE / "pages" / "locale" / "en.po", SERVICE.parents[1] / "shared" / "web" / "locale" / "en.po"):
        with catalog.open("rb") as file:
            known |= {message.id if isinstance(message.id, str) else message.id[0] for message in read_po(file, "en")}
    pages = [*(SERVICE / "pages").rglob("*.html"), *(SERVICE / "pages").glob("*.py")]
    said = {words for page in pages for words in WORDS.findall(page.read_text("utf-8"))}
    assert said - known == set()
