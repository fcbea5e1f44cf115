from pathlib import Path

import pytest

from shared.web.i18n import _, catalog_from, language, language_of, lazy, ngettext, speaking

PO = """
msgid ""
msgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "{n} chi bộ ở {place}"
msgid_plural "{n} chi bộ ở {place}"
msgstr[0] "{n} cell in {place}"
msgstr[1] "{n} cells in {place}"

msgid "Kỳ của {cell}"
msgstr "Meeting of {cell}"
"""


@pytest.fixture(scope="module", autouse=True)
def _catalog(tmp_path_factory: pytest.TempPathFactory) -> None:
    path: Path = tmp_path_factory.mktemp("locale") / "en.po"
    path.write_text(PO, "utf-8")
    catalog_from(path)


def test_vietnamese_is_the_text_itself() -> None:
    assert _("Kỳ của {cell}", cell="phố 1") == "Kỳ của phố 1"
    assert ngettext("{n} chi bộ ở {place}", 2, place="xã") == "2 chi bộ ở xã"


def test_english_counts_one_and_many() -> None:
    with speaking("en"):
        assert _("Kỳ của {cell}", cell="phố 1") == "Meeting of phố 1"
        assert ngettext("{n} chi bộ ở {place}", 1, place="xã") == "1 cell in xã"
        assert ngettext("{n} chi bộ ở {place}", 2, place="xã") == "2 cells in xã"
    assert language() == "vi"


def test_a_text_without_translation_is_shown_as_it_is() -> None:
    with speaking("en"):
        assert _("một câu chưa dịch") == ngettext("một câu chưa dịch", 3) == "một câu chưa dịch"


def test_a_lazy_text_is_translated_when_shown() -> None:
    text = lazy("Đăng xuất")
    with speaking("en"):
        assert str(text) == "Log out"
    assert str(text) == "Đăng xuất"


@pytest.mark.parametrize(
    ("cookies", "chosen"),
    [("", "vi"), ("chibo_lang=en", "en"), ("a=1; chibo_lang=en", "en"), ("chibo_lang=fr", "vi"), ("chibo_lang", "vi")],
)
def test_the_cookie_chooses_the_language(cookies: str, chosen: str) -> None:
    assert language_of(cookies) == chosen
