"""Every text has its English, and no Vietnamese stands in a page outside `_()`."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from jinja2 import Environment

HOUSE = Path(__file__).parents[1]
ROOMS = {
    "shared": HOUSE / "shared",
    "demo": HOUSE / "deploy" / "local" / "demo",
    **{path.name: path for path in sorted((HOUSE / "services").iterdir()) if (path / "pages").is_dir()},
}
CATALOGS = {
    room: path / ("web/locale/en.po" if room == "shared" else "pages/locale/en.po") for room, path in ROOMS.items()
}
TRANSLATES = ("_", "lazy", "ngettext")
PRODUCT = re.compile(r"chi(<b>)?bộ|Tiếng Việt")  # the product's name, and the language's own


def ours(path: Path) -> bool:
    return "tests" not in path.parts


def pages_of(room: str) -> list[Path]:
    return [path for path in sorted(ROOMS[room].rglob("templates/**/*.html")) if ours(path)]


def code_of(room: str) -> list[Path]:
    return [path for path in sorted(ROOMS[room].rglob("*.py")) if ours(path) and "migrations" not in path.parts]


def texts_of(room: str) -> Iterator[tuple[str, str]]:
    """(msgid, where) of all texts a room shows."""
    keywords = dict.fromkeys(TRANSLATES)
    for path in code_of(room) + pages_of(room):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        for line, message, *_rest in extract_from_file(method, str(path), keywords=keywords):
            msgid = message if isinstance(message, str) else message[0]
            yield msgid, f"{path.relative_to(HOUSE)}:{line}"


def english_of(room: str) -> dict[str, tuple[str, ...]]:
    if not CATALOGS[room].exists():
        return {}
    with CATALOGS[room].open("rb") as file:
        return {
            m.id if isinstance(m.id, str) else m.id[0]: (m.string,) if isinstance(m.string, str) else tuple(m.string)
            for m in read_po(file, locale="en")
            if m.id and m.string and not m.fuzzy
        }


def named(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def is_vietnamese(text: str) -> bool:
    """Whether somebody reads it: a single letter is no text, but what names are sorted by."""
    return len(text) > 1 and any(char.isalpha() and not char.isascii() for char in PRODUCT.sub("", text))


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_has_its_english(room: str) -> None:
    known = english_of("shared") | english_of(room)
    missing = [f"{where} {msgid}" for msgid, where in texts_of(room) if not all(known.get(msgid, ("",)))]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("room", ROOMS)
def test_english_fills_in_the_same_values(room: str) -> None:
    for msgid, forms in english_of(room).items():
        for form in forms:
            assert named(form) <= named(msgid), msgid


@pytest.mark.parametrize("room", ROOMS)
def test_no_page_holds_vietnamese_outside_the_catalogue(room: str) -> None:
    lexer = Environment().lexer
    found: list[str] = []
    for path in pages_of(room):
        before = [("", ""), ("", "")]
        for line, kind, value in lexer.tokeniter(path.read_text("utf-8"), None):
            if kind == "whitespace":
                continue
            translated = before[-1][1] == "(" and before[-2][1] in TRANSLATES
            if kind in ("data", "string") and is_vietnamese(value) and not translated:
                found.append(f"{path.relative_to(HOUSE)}:{line} {value.strip()[:60]}")
            before.append((kind, value))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("room", ROOMS)
def test_no_code_of_a_page_holds_vietnamese_outside_the_catalogue(room: str) -> None:
    found: list[str] = []
    for path in code_of(room):
        if not {"pages", "web"} & set(path.relative_to(HOUSE).parts):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        fine: set[int] = set()
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[ast.Constant() as said, *_]) if name in TRANSLATES:
                    fine.add(id(said))
                case ast.Expr(value=ast.Constant() as said):  # a docstring
                    fine.add(id(said))
        for node in ast.walk(tree):
            match node:
                case ast.Constant(value=str() as text) if id(node) not in fine and is_vietnamese(text):
                    found.append(f"{path.relative_to(HOUSE)}:{node.lineno} {text[:60]}")
    assert not found, "\n".join(found)
