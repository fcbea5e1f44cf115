"""The `chibo` command. Each file of this room is a few commands; what they need is imported when they run."""

import sys

import typer

from deploy.local.cli import bench, catalogue, check, checkpoint, demo, operate, practices, register, serve, up, verify
from deploy.local.fault import Fault

app = typer.Typer(
    name="chibo",
    help="Party-cell meetings as facts that cannot be quietly changed, seen by inspection the moment they happen.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for room in (up, demo, serve, register, operate, verify, checkpoint, check, practices, catalogue, bench):
    room.register(app)


def main() -> None:
    """Expected troubles are one line and exit code 1."""
    try:
        app()
    except Fault as fault:
        print(f"chibo: {fault}", file=sys.stderr)
        sys.exit(1)
