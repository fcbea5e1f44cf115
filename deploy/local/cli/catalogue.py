"""`chibo catalogue`: what chibo consists of, written from the code."""

from typing import Annotated

import typer

from deploy.local.fault import Fault, say


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: chibo catalogue --write")(catalogue)


def catalogue(
    write: Annotated[bool, typer.Option("--write", help="Into docs/catalogue.md instead of on the screen.")] = False,
) -> None:
    """List every event, command, rule, parameter, view, task, metric and endpoint."""
    from deploy.local.catalogue import FILE, text

    if not write:
        print(text(), end="")
        return
    try:
        FILE.write_text(text(), "utf-8")
    except OSError:
        raise Fault("catalogue.not_writable", path=FILE) from None
    print(say("catalogue.written", path=FILE))
