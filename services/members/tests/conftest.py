from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.members.app import PARTS, create_app
from services.members.tests.house import NOW, House
from shared.migrations import migrate
from shared.service import views_of
from shared.settings import SERVICES, Settings
from shared.streams.rebuild import prepare_views


@pytest.fixture
async def house(database: str, redis_url: str) -> AsyncIterator[House]:
    """Members with its relay and its views running, and the bloc of `House.bloc` in its register."""
    settings = Settings(
        service="members",
        database_url=database,
        redis_url=redis_url,
        service_secret="s" * 40,
        master_key=urlsafe_b64encode(bytes(range(32))).decode(),
        service_urls=dict.fromkeys(SERVICES, "http://127.0.0.1:9"),
    )
    await migrate(settings)
    connection = await asyncpg.connect(database)
    await prepare_views(connection, list(views_of(PARTS)))
    await connection.close()
    app = create_app(settings, clock=lambda: NOW)
    async with app.router.lifespan_context(app):
        made = House(app)
        await made.bloc()
        yield made
        for browser in made.browsers:
            await browser.aclose()
