"""A service gets by with the rights that Redis gives it in a container."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis

from deploy.compose.secrets import Secrets
from deploy.compose.setup import redis_users
from shared.events.members import OrganisationEstablished, OrganisationKind, Sector
from shared.streams.frame import stream_key
from shared.streams.tests.house import eventually
from shared.telemetry.metrics import REGISTRY
from tests.support.house import open_house

USER = "limited"


@pytest.fixture
def limited(redis_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of Redis as a user who may do what a service's user may.

    Except that it writes the streams of all services: an embedded Redis may be older than 7, which first told the
    right to read a key from the right to write it.
    """
    secrets = Secrets(tmp_path)
    _user, _members, *rules = redis_users(secrets)[1].split()
    commands = [rule for rule in rules if not rule.startswith(("~", "%"))]
    where = urlsplit(redis_url)
    with redis.from_url(redis_url) as owner:
        owner.execute_command("ACL", "SETUSER", USER, *commands, "~*.events.*")
        try:
            yield urlunsplit(where._replace(netloc=f"{USER}:{secrets['redis.members']}@{where.netloc}"))
        finally:
            owner.execute_command("ACL", "DELUSER", USER)


def failures() -> float:
    return REGISTRY.get_sample_value("chibo_relay_failures_total", {"service": "members"}) or 0.0


async def test_the_relay_publishes_and_the_readers_read_with_these_rights(
    postgres_url: str, redis_url: str, limited: str
) -> None:
    failed = failures()
    async with open_house(postgres_url, limited, "members") as house:
        event = OrganisationEstablished(
            organisation="o",
            parent=None,
            kind=OrganisationKind.GRASSROOTS_COMMITTEE,
            sector=Sector.OTHER,
            name="Đảng bộ",
            effective_on=date(2020, 1, 1),
        )
        appended = await house.given("members", "organisation:o", event, key="o")
        ctx = house.ctx("members")
        with redis.from_url(redis_url) as owner:

            async def published() -> bool:
                return bool(owner.exists(stream_key("members", appended.at.partition)))

            await eventually(published)
        await house.settled()
        assert ([*ctx.relay.health(), *ctx.subscriptions.health()], failures()) == ([], failed)
