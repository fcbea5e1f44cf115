"""What tests of the whole have: people of the demonstration, and a cell of their own."""

from collections.abc import Callable, Iterator

import pytest

from deploy.local.demo.story import BLOC
from tests.e2e.cell import Cell, a_cell
from tests.support.deployment import Deployment
from tests.support.people import Person


@pytest.fixture
def cell(deployment: Deployment, login: Callable[[str], Person]) -> Iterator[Cell]:
    with a_cell(deployment.url, login("vanphong.khoi"), BLOC) as made:
        yield made
