"""`chibo demo`: the demonstration in a deployment that runs elsewhere; `chibo up --demo` does the same by itself."""

from typing import TYPE_CHECKING, Annotated

import typer

from deploy.local.cli.inside import Contexts, with_contexts
from deploy.local.cli.options import DATA, DataDir
from deploy.local.fault import say

if TYPE_CHECKING:
    from rich.console import Console


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: docker-compose run --rm demo --alive")(demo)


def demo(
    alive: Annotated[bool, typer.Option("--alive", help="Then let cells meet by themselves, until stopped.")] = False,
    data: DataDir = DATA,
) -> None:
    """Load the demonstration unless it is there, and show who may log in."""

    async def run(contexts: Contexts) -> None:
        from rich.console import Console

        from deploy.local.demo import load
        from deploy.local.demo.simulate import Simulation

        console = Console(stderr=True, highlight=False)
        await load(contexts, console)
        show_logins(console)
        if alive:
            await Simulation(contexts["meetings"]).run()

    with_contexts(data, run, at_work=True)


def show_logins(console: "Console") -> None:
    from rich.table import Table

    from deploy.local.demo import LOGINS

    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("logins.who", "logins.name", "logins.password", "logins.page"):
        table.add_column(say(heading), no_wrap=heading != "logins.who")
    for login in LOGINS:
        table.add_row(login.who, login.name, login.password, login.page)
    console.print(table)
