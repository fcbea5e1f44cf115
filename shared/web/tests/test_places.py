from datetime import date

import asyncpg
import pytest

from shared.auth.model import Actor, HeldOffice
from shared.auth.reader import Reader, introduce
from shared.events.members import Office
from shared.organisations import ORGANISATIONS
from shared.streams.rebuild import make_schema
from shared.web.places import PLACES, nav_of, office_name
from shared.web.tests.conftest import MakeRequest


@pytest.fixture
async def ward(pool: asyncpg.Pool) -> asyncpg.Pool:
    async with pool.acquire() as connection:
        await make_schema(connection, ORGANISATIONS, ORGANISATIONS.schema)
        await connection.execute(
            "INSERT INTO view_organisations.organisation (id, path, kind, sector, name, country, established_on)"
            " VALUES ('o1', ARRAY['o1'], 'grassroots_committee', 'other', 'Đảng bộ xã Thanh Minh', 'VN', $1)",
            date(2020, 1, 1),
        )
    return pool


async def test_an_inspector_who_is_also_a_member_is_shown_as_inspector(ward: asyncpg.Pool) -> None:
    actor = Actor("a1", "m1", (HeldOffice(Office.MEMBER, "c1"), HeldOffice(Office.INSPECTOR, "o1")))
    reader = await introduce(ward, actor)
    assert (office_name(reader.office), reader.organisation) == ("Ủy ban Kiểm tra", "Đảng bộ xã Thanh Minh")


async def test_an_organisation_not_known_here_yet_leaves_the_office(ward: asyncpg.Pool) -> None:
    reader = await introduce(ward, Actor("a1", None, (HeldOffice(Office.CELL_SECRETARY, "new"),)))
    assert (office_name(reader.office), reader.organisation) == ("Bí thư chi bộ", "")


async def test_an_account_without_an_office_is_nobody_in_particular(ward: asyncpg.Pool) -> None:
    reader = await introduce(ward, Actor("a1", None, ()))
    assert (office_name(reader.office), reader.organisation) == ("", "")


def test_a_member_is_shown_only_the_places_open_to_members(a_request: MakeRequest) -> None:
    places = nav_of(a_request("/meetings/17"), Reader("a1", [Office.MEMBER], Office.MEMBER))
    assert [place.path for place in places] == ["/meetings", "/notifications"]
    assert [place.path for place in places if place.current] == ["/meetings"]


@pytest.mark.parametrize("office", [Office.OPERATOR, Office.DATA_PROTECTION_OFFICER])
def test_who_watches_over_the_register_finds_the_way_to_it(a_request: MakeRequest, office: Office) -> None:
    places = nav_of(a_request("/notifications"), Reader("a1", [office], office))
    assert [place.path for place in places] == ["/members", "/notifications"]


def test_an_inspector_reaches_every_place(a_request: MakeRequest) -> None:
    places = nav_of(a_request("/somewhere"), Reader("a1", [Office.INSPECTOR], Office.INSPECTOR))
    assert [place.path for place in places] == [place.path for place in PLACES]
    assert not any(place.current for place in places)
