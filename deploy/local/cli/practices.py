"""`chibo practices`: how many of the practices of the source documents work, and where."""

from typing import Annotated

import typer

from deploy.local.fault import Fault, say


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: chibo practices --range 65-89")(practices)


def practices(
    chosen: Annotated[str, typer.Option("--range", help="Only these numbers, for example 65-89.")] = "1-146",
    write: Annotated[bool, typer.Option("--write", help="Write docs/practices.md anew.")] = False,
) -> None:
    """Say which practices of the source documents work (✓), in part (◐) or not yet (·), and where."""
    from deploy.local import practices as known

    first, _, last = chosen.partition("-")
    if not (first.isdigit() and (last or first).isdigit()):
        raise Fault("practices.range", chosen=chosen)
    if write:
        known.PAGE.write_text(known.page(), "utf-8")
        print(say("catalogue.written", path=known.PAGE))
        return
    wanted = range(int(first), int(last or first) + 1)
    found = [practice for practice in known.practices() if practice.number in wanted]
    for practice in found:
        print(f"{practice.number:>4} {known.SIGNS[practice.status]} {practice.name}  {practice.where}".rstrip())
    print(say("practices.count", working=sum(practice.works for practice in found), all=len(found)))
