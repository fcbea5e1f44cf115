"""The practices of the source documents: which work, where, and which tests show it.

What is said of a practice stands in ``docs/practices.toml``, by hand; the tests are found by their
``@pytest.mark.practice(number)``, read without running anything; ``docs/practices.md`` puts both together.
"""

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.fault import Fault

HOUSE: Final = Path(__file__).parents[2]
SOURCE: Final = HOUSE / "docs" / "practices.toml"
PAGE: Final = HOUSE / "docs" / "practices.md"
NUMBERS: Final = range(1, 147)
SIGNS: Final = {"works": "✓", "part": "◐", "": "·"}

_HEAD: Final = """# Practices

What the source documents say a good cell and a good committee do, in 146 practices, and what of it chibo does today:
{works} work, {part} in part. Written by `chibo practices --write` from [practices.toml](practices.toml) and the tests.
A row that works (✓) is shown to a user's eye by the tests it names; one in part (◐) says what is missing.
"""
_CHAPTERS: Final = {
    "meetings": "Sinh hoạt (meetings)",
    "members": "Đảng viên (members)",
    "inspection": "Kiểm tra, giám sát (inspection)",
    "documents": "Thông báo, văn bản (notifications and documents)",
    "reporting": "Báo cáo (reporting)",
}


@dataclass(frozen=True, slots=True)
class Practice:
    number: int
    chapter: str
    name: str
    status: str = ""  # "works", "part", or not yet
    where: str = ""

    @property
    def works(self) -> bool:
        return self.status == "works"


@dataclass(frozen=True, slots=True)
class Shown:
    """A test that carries the mark of a practice."""

    file: Path  # from the top of the house
    name: str

    @property
    def sentence(self) -> str:
        return self.name.removeprefix("test_").replace("_", " ")


def practices() -> list[Practice]:
    """All practices, by number. Raises `Fault` where there is no list: chibo may be installed without its sources."""
    if not SOURCE.exists():
        raise Fault("practices.none", path=SOURCE)
    listed = tomllib.loads(SOURCE.read_text("utf-8"))
    rows = [Practice(int(number), chapter, **row) for chapter, of in listed.items() for number, row in of.items()]
    return sorted(rows, key=lambda one: one.number)


def marks() -> dict[int, list[Shown]]:
    """The tests that carry each number, by file and name."""
    found: dict[int, list[Shown]] = defaultdict(list)
    for room in ("shared", "services", "deploy", "tests"):
        for file in sorted((HOUSE / room).rglob("test_*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    for number in _numbers(node):
                        found[number].append(Shown(file.relative_to(HOUSE), node.name))
    return found


def _numbers(test: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[int]:
    for mark in test.decorator_list:
        match mark:
            case ast.Call(func=ast.Attribute(attr="practice"), args=[ast.Constant(value=int() as number)]):
                yield number


def page() -> str:
    """``docs/practices.md``."""
    rows, shown = practices(), marks()
    written = [_HEAD.format(works=_count(rows, "works"), part=_count(rows, "part"))]
    for chapter, title in _CHAPTERS.items():
        lines = [_row(one, shown[one.number]) for one in rows if one.chapter == chapter]
        head = "| no. | | practice | where it works, or what is missing | tests |\n|---|---|---|---|---|"
        written.append(f"## {title}\n\n{head}\n" + "\n".join(lines) + "\n")
    return "\n".join(written)


def _count(rows: list[Practice], status: str) -> int:
    return sum(one.status == status for one in rows)


def _row(one: Practice, shown: list[Shown]) -> str:
    tests = "<br>".join(f"[{test.sentence}](../{test.file.as_posix()})" for test in shown)
    return f"| {one.number} | {SIGNS[one.status]} | {one.name} | {one.where} | {tests} |"
