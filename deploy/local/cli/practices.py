"""`chibo practices`: how many of the practices of the source documents work, by the list in docs/practices.md."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.fault import Fault, say

LIST = Path(__file__).parents[3] / "docs" / "practices.md"
ROW = re.compile(r"\|\s*(\d+)\s*\|([^|]*)\|([^|]*)\|([^|]*)\|")
NOWHERE = ("", "-", "–", "—")


@dataclass(frozen=True, slots=True)
class Practice:
    """A row ``| number | practice | where it works | tests |``."""

    number: int
    text: str
    where: str

    @property
    def works(self) -> bool:
        return self.where not in NOWHERE


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: chibo practices --range 65-89")(practices)


def practices(
    chosen: Annotated[str, typer.Option("--range", help="Only these numbers, for example 65-89.")] = "1-146",
    file: Annotated[Path, typer.Option(help="The list.", show_default="docs/practices.md")] = LIST,
) -> None:
    """Say which practices of the source documents work and where; the last line counts them."""
    first, _, last = chosen.partition("-")
    if not (first.isdigit() and (last or first).isdigit()):
        raise Fault("practices.range", chosen=chosen)
    wanted = range(int(first), int(last or first) + 1)
    found = [practice for practice in read(file) if practice.number in wanted]
    for practice in found:
        print(f"{practice.number:>4} {'✓' if practice.works else '·'} {practice.text}  {practice.where}".rstrip())
    print(say("practices.count", working=sum(practice.works for practice in found), all=len(wanted)))


def read(file: Path) -> Iterator[Practice]:
    """The rows of the list. Raises `Fault` when there is none."""
    if not file.exists():
        raise Fault("practices.none", path=file)
    for line in file.read_text("utf-8").splitlines():
        if row := ROW.match(line):
            yield Practice(int(row[1]), row[2].strip(), row[3].strip())
