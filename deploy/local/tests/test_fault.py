"""What the command says in trouble: in both languages, and the same thing."""

import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from deploy.local.fault import Fault, language

LOCAL = Path(__file__).parent.parent
TEXTS = tomllib.loads((LOCAL / "texts.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", TEXTS)
def test_both_languages_name_the_same_things(code: str) -> None:
    fields = [{field for _, field, _, _ in Formatter().parse(TEXTS[code][name]) if field} for name in ("vi", "en")]
    assert fields[0] == fields[1]


def test_every_text_is_used_and_every_used_text_is_there() -> None:
    sources = "\n".join(path.read_text() for path in LOCAL.rglob("*.py") if "tests" not in path.parts)
    assert set(re.findall(r'(?:Fault|say)\(\s*"([a-z_.]+)"', sources)) <= set(TEXTS)
    assert [code for code in TEXTS if f'"{code}"' not in sources] == []


@pytest.mark.parametrize(
    ("terminal", "spoken"), [("vi_VN.UTF-8", "vi"), ("en_US.UTF-8", "en"), ("C", "en"), ("", "en")]
)
def test_the_terminal_chooses_the_language(terminal: str, spoken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHIBO_LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", terminal)
    assert language() == spoken


def test_a_fault_is_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIBO_LANGUAGE", "en")
    assert str(Fault("server.no_account")).startswith("PostgreSQL does not run as root")
