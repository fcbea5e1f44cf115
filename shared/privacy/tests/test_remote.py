"""Keys lent by members: a few minutes' use, longer only while members does not answer."""

import json
from dataclasses import dataclass, field

import httpx
import pytest

from shared.privacy import ERASED, UNKNOWN, RemoteKeyring, new_key
from shared.privacy.keyring import PersonKey
from shared.privacy.remote import FRESH_S, KEPT_S, UNKNOWN_S, lend


@dataclass
class Members:
    """The members service as its neighbours see it, with a clock that the test turns."""

    held: dict[str, PersonKey]
    up: bool = True
    now: float = 1_000.0
    asked: list[list[str]] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        people = json.loads(request.content)["people"]
        self.asked.append(people)
        if not self.up:
            raise httpx.ConnectError("members is down")
        return httpx.Response(200, json=lend({person: self.held.get(person, UNKNOWN) for person in people}))


@pytest.fixture
def members() -> Members:
    return Members({"an": new_key(), "binh": ERASED})


@pytest.fixture
async def keyring(members: Members):
    transport = httpx.MockTransport(members.answer)
    async with httpx.AsyncClient(base_url="http://members", transport=transport) as client:
        yield RemoteKeyring(client, lambda: members.now)


async def test_a_key_is_asked_for_once_and_used_for_a_few_minutes(members: Members, keyring: RemoteKeyring) -> None:
    for _ in range(3):
        assert await keyring.keys(["an", "binh", "chi"]) == {"an": members.held["an"], "binh": ERASED, "chi": UNKNOWN}
    assert len(members.asked) == 1
    members.now += FRESH_S
    await keyring.keys(["an", "binh"])
    assert members.asked[1:] == [["an"]]


async def test_a_meeting_in_progress_goes_on_while_members_is_down(members: Members, keyring: RemoteKeyring) -> None:
    await keyring.keys(["an"])
    members.up = False
    members.now += FRESH_S + 60
    assert await keyring.keys(["an", "chi"]) == {"an": members.held["an"], "chi": UNKNOWN}
    members.now += KEPT_S
    assert await keyring.keys(["an"]) == {"an": UNKNOWN}


async def test_a_service_that_is_down_is_not_asked_for_every_row(members: Members, keyring: RemoteKeyring) -> None:
    members.up = False
    for person in ("an", "binh", "chi"):
        assert await keyring.keys([person]) == {person: UNKNOWN}
    assert len(members.asked) == 1


async def test_a_lent_key_ends_when_asked_again_after_an_erasure(members: Members, keyring: RemoteKeyring) -> None:
    await keyring.keys(["an"])
    members.held["an"] = ERASED
    members.now += FRESH_S
    assert await keyring.keys(["an"]) == {"an": ERASED}
    members.up = False
    members.now += KEPT_S
    assert await keyring.keys(["an"]) == {"an": ERASED}


async def test_a_person_admitted_a_moment_ago_is_asked_for_again(members: Members, keyring: RemoteKeyring) -> None:
    assert await keyring.keys(["chi"]) == {"chi": UNKNOWN}
    members.held["chi"] = new_key()
    members.now += UNKNOWN_S
    assert await keyring.keys(["chi"]) == {"chi": members.held["chi"]}
