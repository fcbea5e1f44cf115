"""The pages that the documentation shows are there."""

import pytest

from deploy.local.demo.story import BLOC, COMMUNE
from tests.browser.conftest import Open
from tests.browser.looking import DESK, PHONE, Size
from tests.browser.pictures import keep
from tests.browser.places import CELL, HELD

pytestmark = pytest.mark.browser

PICTURES: dict[str, tuple[str, str, Size]] = {
    "wall": ("ubkt.khoi", f"/inspection/wall/{BLOC}", DESK),
    "wall-phone": ("ubkt.xa", f"/inspection/wall/{COMMUNE}", PHONE),
    "cell": ("ubkt.xa", f"/inspection/cells/{CELL}", DESK),
    "home-phone": ("bithu", "/meetings", PHONE),
    "minutes": ("bithu", f"/meetings/{HELD}/minutes", DESK),
    "inbox": ("ubkt.khoi", "/notifications", DESK),
    "register": ("vanphong", f"/members/organisations/{CELL}", DESK),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_page_of_a_picture_is_there(browse: Open, name: str) -> None:
    login, path, size = PICTURES[name]
    looker = browse(login, size)
    looker.page.goto(path)
    assert looker.page.locator("h1").count() == 1
    keep(looker.page, name)
