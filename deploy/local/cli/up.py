"""`chibo up`: everything embedded, in one process, on one port."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.local.cli.demo import show_logins
from deploy.local.cli.options import DATA, DataDir
from deploy.local.fault import Fault, say

if TYPE_CHECKING:
    from rich.console import Console
    from uvicorn import Server

    from deploy.local.dispatch import Dispatch
    from deploy.local.embedded import Deployment

INTERRUPTED = 130  # exit code
FAREWELL = 3  # seconds that open pages are given at the end; live ones never end by themselves


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: chibo up --demo --port 8090")(up)


def up(
    data: DataDir = DATA,
    port: Annotated[int, typer.Option(envvar="PORT", help="Port for the pages and the API.")] = 8080,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    demo: Annotated[bool, typer.Option("--demo", help="Load the demonstration, if it is not there yet.")] = False,
) -> None:
    """Start everything: PostgreSQL, Redis and the four services, in this one process."""
    from rich.console import Console

    from deploy.local.embedded import deployment

    console = Console(stderr=True, highlight=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with contextlib.closing(_take(host, port)) as listening:
            console.print(say("up.starting", data=data))
            with deployment(data) as servers:
                _run(servers, listening, console, demo)
                console.print(say("up.stopping"))
    except (KeyboardInterrupt, asyncio.CancelledError):  # before it was up
        console.print(say("stopped"))
        raise typer.Exit(INTERRUPTED) from None
    console.print(say("stopped"))


def _take(host: str, port: int) -> socket.socket:
    """The port, before anything is started; so nobody else gets it meanwhile. Raises `Fault`."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except (PermissionError, OverflowError, socket.gaierror):
        raise Fault("port.unusable", host=host, port=port) from None
    except OSError:
        raise Fault("port.busy", port=port, other=port + 1 if port < 65535 else 8080) from None
    return listening


def _run(servers: "Deployment", listening: socket.socket, console: "Console", demo: bool) -> None:
    import uvloop

    from shared.telemetry.log import configure_logging

    configure_logging(as_json=False, level="WARNING")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(servers, listening, console, demo))


async def _serve(servers: "Deployment", listening: socket.socket, console: "Console", demo: bool) -> None:
    from shared.process import settle

    serving: list[Server] = []
    starting = asyncio.current_task()
    assert starting is not None

    def leave(heard: signal.Signals) -> None:
        if serving:
            serving[0].handle_exit(heard, None)
        else:
            starting.cancel()

    for heard in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(heard, leave, heard)
    host, port = listening.getsockname()[:2]
    address = f"http://{'localhost' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104
    await servers.prepare()
    async with (
        servers.running(public_url=address, demo=demo) as dispatch,
        _demonstration(dispatch, console, wanted=demo),
    ):
        serving.append(_server(dispatch))
        settle()
        _greet(console, address, demo)
        await serving[0].serve(sockets=[listening])


@contextlib.asynccontextmanager
async def _demonstration(dispatch: "Dispatch", console: "Console", *, wanted: bool) -> AsyncIterator[None]:
    """Load it if it is not there yet, and let it live as long as we serve."""
    if not wanted:
        yield
        return
    from deploy.local.demo import control, load
    from deploy.local.demo.simulate import Simulation

    contexts = {service: app.state.context for service, app in dispatch.apps.items()}
    await load(contexts, console)
    simulation = Simulation(contexts["meetings"])
    control.install(dispatch.apps["members"], simulation)
    playing = asyncio.create_task(simulation.run())
    try:
        yield
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


def _server(application: object) -> "Server":
    import uvicorn

    class Quiet(uvicorn.Server):
        def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
            """They are ours: the databases are stopped after the services."""
            return contextlib.nullcontext()

    return Quiet(
        uvicorn.Config(
            application,  # type: ignore[arg-type]
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=FAREWELL,
        )
    )


def _greet(console: "Console", address: str, demo: bool) -> None:
    console.print(say("up.address", address=address), style="bold")
    if demo:
        show_logins(console)
        console.print(say("up.click"))
