"""`chibo bench`: the benchmarks of a checkout. They are not part of what is installed."""

import importlib
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.local.fault import Fault, say

if TYPE_CHECKING:
    from rich.console import Console

EVERYTHING = "all"


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: chibo bench append --quick")(bench)


def bench(
    name: Annotated[str, typer.Argument(help="Which; all of them one after the other: all. None: lists them.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print everything that was measured, as JSON.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Less than a minute each; the figures are rougher.")] = False,
    postgres: Annotated[
        str | None,
        typer.Option(envvar="CHIBO_POSTGRES_URL", help="A PostgreSQL to measure on, as a role that makes databases."),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Keep the results, and write docs/benchmarks.md.")] = False,
) -> None:
    """Measure how fast chibo is on this machine, beside its peers and its targets."""
    from rich.console import Console

    from shared.telemetry.log import configure_logging

    known: dict[str, str] = _room("bench").BENCHMARKS
    if not name:
        for each, sentence in known.items():
            print(f"{each:<10} {sentence}")
        return
    if name not in (*known, EVERYTHING):
        raise Fault("bench.unknown", name=name, known=", ".join((*known, EVERYTHING)))
    configure_logging(as_json=False, level="ERROR")
    run, report, console = _room("bench.run").run, _room("bench.report"), Console(stderr=True, highlight=False)
    for each in known if name == EVERYTHING else (name,):
        with console.status(f"{each}: {known[each]}"):
            document = run(each, "quick" if quick else "full", postgres)
        if write:  # at once: a later one may fail
            report.keep(document)
            report.write()
        if as_json:
            print(json.dumps(document, indent=1, ensure_ascii=False))
        else:
            _show(document, Console(highlight=False))
    if write:
        print(say("catalogue.written", path=report.PAGE))


def _room(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != "bench":
            raise
        raise Fault("bench.none") from None


def _show(document: dict[str, Any], console: "Console") -> None:
    from rich.table import Table

    report, figures = _room("bench.report"), _room("bench.figures")
    table = Table(title=document["bench"], title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading, justify in (("", "left"), ("", "right"), ("", "left"), ("target", "left"), ("met", "left")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for figure in report.figures_of(document):
        met = {None: "", True: "[green]yes[/]", False: "[red]no[/]"}[figure.met]
        table.add_row(figure.name, figures.said(figure.value), figure.unit, figure.target, met)
    console.print(table)
    for note in document["notes"]:
        console.print(f"- {note}")
    told = {**document["settings"], **document["machine"]}
    console.print(", ".join(f"{key} {value}" for key, value in told.items()), style="dim")
