"""The tables of `docs/benchmarks.md`, from what ``chibo bench all --write`` has left in ``bench/results``.

``python -m bench.report`` writes them anew; what stands outside of the marks is written by hand.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import BENCHMARKS
from bench.figures import Figure, said

RESULTS = Path(__file__).with_name("results")
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
MARKS = re.compile(r"(?s)(<!-- figures -->\n).*?(<!-- /figures -->)")


def keep(document: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (RESULTS / f"{document['bench']}.json").write_text(text + "\n", "utf-8")


def figures_of(document: dict[str, Any]) -> Iterator[Figure]:
    for told in document["figures"]:
        yield Figure(told["name"], told["value"], told["unit"], told["at_least"], told["at_most"])


def tables() -> str:
    """Every result that is kept, in the order of `BENCHMARKS`."""
    written = []
    for name, sentence in BENCHMARKS.items():
        file = RESULTS / f"{name}.json"
        if file.exists():
            document = json.loads(file.read_text("utf-8"))
            written.append(f"### {name}: {sentence}\n\n{_table(document)}")
    return "\n".join(written)


def _table(document: dict[str, Any]) -> str:
    machine, settings = document["machine"], document["settings"]
    lines = ["| what | figure | | target | met |", "|---|--:|---|---|---|"]
    for figure in figures_of(document):
        met = {None: "", True: "yes", False: "**no**"}[figure.met]
        lines.append(f"| {figure.name} | {said(figure.value)} | {figure.unit} | {figure.target} | {met} |")
    lines += ["", *(f"- {note}" for note in document["notes"])]
    lines.append(
        f"- {document['at'][:16].replace('T', ' ')} UTC, size {document['size']}; {machine['cores']} cores"
        f" ({machine['processor']}), load before {machine['load_before']}; Python {machine['python']}; PostgreSQL "
        + ", ".join(f"{key.removeprefix('server_')} {value}" for key, value in settings.items())
    )
    return "\n".join(lines) + "\n"


def write() -> None:
    page = PAGE.read_text("utf-8")
    PAGE.write_text(MARKS.sub(lambda found: found[1] + "\n" + tables() + "\n" + found[2], page), "utf-8")


if __name__ == "__main__":
    write()
