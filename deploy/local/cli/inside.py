"""How an operator's command gets at the services' insides, and how it shows what it found."""

import asyncio
import os
import pwd
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.cli.check import existing
from deploy.local.fault import Fault, language, say

if TYPE_CHECKING:
    from shared.context import Context
    from shared.refusal import Refused

Contexts = dict[str, "Context"]


def with_contexts(data: Path, work: Callable[[Contexts], Awaitable[None]], *, at_work: bool = False) -> None:
    """Do ``work`` with the insides of the services; see `deploy.local.embedded.contexts`. Raises `Fault`.

    What a business rule refuses is said in its own words.
    """
    from deploy.local.embedded import contexts
    from shared.refusal import Refused
    from shared.telemetry.log import configure_logging

    async def run() -> None:
        async with contexts(data, at_work=at_work) as opened:
            await work(opened)

    existing(data)
    configure_logging(as_json=False, level="WARNING")
    try:
        with reaching():
            asyncio.run(run())
    except Refused as refused:
        raise Fault("command.refused", reason=_words(refused)) from None


@contextmanager
def reaching() -> Iterator[None]:
    """A server that cannot be reached meanwhile is a `Fault`."""
    import asyncpg
    import httpx
    import redis

    try:
        yield
    except (
        asyncpg.PostgresConnectionError,
        asyncpg.InterfaceError,
        redis.ConnectionError,
        httpx.TransportError,
        OSError,
    ) as gone:
        raise Fault("servers.gone", reason=gone) from None


def _words(refused: "Refused") -> str:
    from shared.http.texts import RuleTexts
    from shared.migrations import SERVICES

    texts = RuleTexts(*SERVICES.glob("*/refusals.toml"))
    return texts[refused.rule].say(language(), refused.params)


def operator() -> str:
    """Who is at the terminal, for what is kept on record."""
    who = os.environ.get("SUDO_USER")
    if not who:
        try:
            who = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            who = str(os.getuid())
    return f"operator:{who}"


def table(headings: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    """Headings are keys of ``texts.toml``."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=None, padding=(0, 2, 0, 0))
    for heading in headings:
        shown.add_column(say(heading))
    for row in rows:
        shown.add_row(*row)
    Console(highlight=False).print(shown)
