"""The one-shot `migrate` container: databases, roles, tables and views, made or brought up to date."""

import asyncio
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from deploy.local.databases import make_databases
from deploy.local.embedded import bring_up_to_date, from_environment
from shared.settings import SERVICES, Settings
from shared.telemetry.log import configure_logging


async def migrate(admin_url: str, services: list[Settings]) -> None:
    """As the server's owner what belongs to the server, then each service's own as its owner."""
    urls = [url for settings in services for url in (settings.database_url, settings.migration_url) if url]
    await make_databases(admin_url, dict(_role(url) for url in urls))
    for settings in services:
        await bring_up_to_date(settings)
        print(f"{settings.service} is up to date.")


def _role(url: SecretStr) -> tuple[str, str]:
    """The name and the password in a database's address."""
    parts = urlsplit(url.get_secret_value())
    return unquote(parts.username or ""), unquote(parts.password or "")


if __name__ == "__main__":
    configure_logging(as_json=True, level="WARNING")
    folder = Path(os.environ["CHIBO_SECRETS"])
    asyncio.run(migrate((folder / "admin_url").read_text(), [from_environment(service) for service in SERVICES]))
