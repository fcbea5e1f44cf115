"""For `pytest -p tests.spine.reverts.plugin --bug NAME`: the run has the bug."""

import pytest

from tests.spine.reverts import bug, names


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bug", choices=names(), help="put this bug back")


def pytest_configure(config: pytest.Config) -> None:
    if name := config.getoption("--bug"):
        bug(name).put_back()
