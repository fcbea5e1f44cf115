"""What an operator does with a running deployment: look at lag and parked events, retry, skip, rebuild."""

from typing import TYPE_CHECKING, Annotated

import typer

from deploy.local.cli.inside import Contexts, operator, table, with_contexts
from deploy.local.cli.options import DATA, DataDir
from deploy.local.fault import Fault, say

if TYPE_CHECKING:
    from shared.context import Context
    from shared.streams.parking import Parked

parked = typer.Typer(help="Events that could not be applied, and what waits behind them.", no_args_is_help=True)
Which = Annotated[
    str, typer.Argument(metavar="SUBSCRIPTION/SOURCE.PARTITION.POSITION", help="As `chibo parked list` shows it.")
]


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: chibo lag")(lag)
    app.command(epilog="Example: chibo rebuild wall")(rebuild)
    parked.command("list", epilog="Example: chibo parked list")(list_parked)
    parked.command("retry", epilog="Example: chibo parked retry wall/meetings.2.4711")(retry)
    parked.command("skip", epilog='Example: chibo parked skip wall/meetings.2.4711 --reason "corrected by 4712"')(skip)
    app.add_typer(parked, name="parked")


def lag(data: DataDir = DATA) -> None:
    """How many events each subscription is behind its sources."""

    async def show(contexts: Contexts) -> None:
        from shared.service import feeds_of

        rows = []
        for service, ctx in contexts.items():
            heads = {source: await feed.heads() for source, feed in feeds_of(ctx).items()}
            stands = await ctx.pool.fetch("SELECT subscription, source, partition, position FROM checkpoint")
            behind: dict[tuple[str, str], int] = {}
            for row in stands:
                where = (row["subscription"], row["source"])
                behind[where] = behind.get(where, 0) + heads[row["source"]].get(row["partition"], 0) - row["position"]
            rows += [(service, name, source, str(count)) for (name, source), count in sorted(behind.items())]
        table(("lag.service", "lag.subscription", "lag.source", "lag.behind"), rows)

    with_contexts(data, show)


def rebuild(
    view: Annotated[str, typer.Argument(help="Name of the view, as `chibo lag` shows it.")], data: DataDir = DATA
) -> None:
    """Fill a fresh copy of a view from the logs while the old one serves, then swap them."""

    async def run(contexts: Contexts) -> None:
        from rich.progress import Progress

        from deploy.local.embedded import parts_of
        from shared.service import feeds_of, views_of
        from shared.streams.rebuild import AlreadyRebuilding
        from shared.streams.rebuild import rebuild as fill

        views = [(ctx, known) for service, ctx in contexts.items() for known in views_of(parts_of(service))]
        found = [(ctx, known) for ctx, known in views if known.name == view]
        if not found:
            raise Fault("view.unknown", view=view, known=", ".join(sorted({known.name for _, known in views})))
        with Progress() as progress:
            for ctx, wanted in found:
                bar = progress.add_task(f"{ctx.settings.service}: {view}")
                try:
                    await fill(
                        ctx.pool,
                        ctx.settings.service,
                        wanted,
                        feeds_of(ctx),
                        progress=lambda done, total, bar=bar: progress.update(bar, completed=done, total=total),  # type: ignore[misc]
                    )
                except AlreadyRebuilding:
                    raise Fault("view.rebuilding", view=view) from None

    with_contexts(data, run)


def list_parked(data: DataDir = DATA) -> None:
    """Every parked event with its error; those that merely wait name the one they wait for."""

    async def show(contexts: Contexts) -> None:
        from shared.streams.parking import parked as found_in

        rows = []
        for ctx in contexts.values():
            for event in await found_in(ctx.pool):
                why = event.error if event.behind is None else say("parked.behind", position=event.behind)
                rows.append((_name(event), event.type, event.stream, why))
        if rows:
            table(("parked.event", "parked.type", "parked.stream", "parked.why"), rows)
        else:
            print(say("parked.none"))

    with_contexts(data, show)


def retry(which: Which, data: DataDir = DATA) -> None:
    """Apply a parked event again, and then all that waits behind it."""

    async def run(contexts: Contexts) -> None:
        ctx, event = await _find(contexts, which)
        applied = await ctx.subscriptions.retry(event.subscription, event.source, event.partition, event.stream)
        print(say("parked.applied", count=applied, stream=event.stream))

    with_contexts(data, run)


def skip(
    which: Which,
    reason: Annotated[str, typer.Option(help="Why it may be left out; kept for ever.")],
    data: DataDir = DATA,
) -> None:
    """Give a parked event up for this subscription, with a reason."""

    async def run(contexts: Contexts) -> None:
        from shared.streams.parking import skip as give_up

        ctx, event = await _find(contexts, which)
        await give_up(ctx.pool, event.place, event.position, by=operator(), reason=reason)
        print(say("parked.skipped", which=which))

    if not reason.strip():
        raise Fault("parked.no_reason")
    with_contexts(data, run)


async def _find(contexts: Contexts, which: str) -> "tuple[Context, Parked]":
    from shared.streams.parking import parked as found_in

    for ctx in contexts.values():
        for event in await found_in(ctx.pool):
            if _name(event) == which:
                return ctx, event
    raise Fault("parked.unknown", which=which)


def _name(event: "Parked") -> str:
    return f"{event.subscription}/{event.source}.{event.partition}.{event.position}"
