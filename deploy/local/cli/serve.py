"""`chibo serve` and `chibo migrate`: one service, as a container runs it."""

import asyncio
import os
from typing import Annotated

import typer

from deploy.local.cli.options import DATA, DataDir
from deploy.local.fault import Fault, say

ServiceName = Annotated[str, typer.Argument(metavar="SERVICE", help="members, meetings, inspection or notifications.")]


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: CHIBO_DATABASE_URL=… CHIBO_REDIS_URL=… chibo serve members --role worker")(serve)
    app.command(epilog="Example: chibo migrate all --data .chibo")(migrate)


def serve(
    service: ServiceName,
    role: Annotated[str, typer.Option(help="api: answers requests; worker: follows events; all: both.")] = "all",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",  # noqa: S104
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Run one service with the settings of the environment (CHIBO_…), as a container does."""
    import uvicorn

    from deploy.local.embedded import create_app, from_environment
    from shared.process import settle
    from shared.telemetry.log import configure_logging

    if role not in ("api", "worker", "all"):
        raise Fault("role.unknown", role=role)
    settings = from_environment(service, role)  # type: ignore[arg-type]
    configure_logging(as_json=settings.log_json)
    service_app = create_app(settings)
    settle()
    uvicorn.run(service_app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=10)


def migrate(service: ServiceName, data: DataDir = DATA) -> None:
    """Bring a service's tables up to date: the environment's database, or (also with "all") the embedded ones."""
    from deploy.local.embedded import bring_up_to_date, deployment, from_environment, known
    from shared.settings import SERVICES

    if {"CHIBO_DATABASE_URL", "CHIBO_SECRETS"} & set(os.environ):
        asyncio.run(bring_up_to_date(from_environment(service)))
    else:
        wanted = SERVICES if service == "all" else (known(service),)
        with deployment(data, join=True) as own:
            asyncio.run(own.prepare(*wanted))
    print(say("migrate.done", service=service))
