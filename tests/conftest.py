"""The whole deployment that tests from the outside share: started once in a run, by the worker that gets them all."""

from collections.abc import Callable, Iterator

import pytest

from deploy.local.demo.logins import LOGINS
from tests.support.deployment import PATIENCE, Deployment, some_deployment
from tests.support.people import Person


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "deployment" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("deployment"))
            item.add_marker(pytest.mark.timeout(PATIENCE + 120))  # the first one waits for the demonstration


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    with some_deployment() as found:
        yield found


@pytest.fixture(scope="session")
def login(deployment: Deployment) -> Iterator[Callable[[str], Person]]:
    """Somebody of the demonstration by login name, logged in over the API."""
    passwords = {known.name: known.password for known in LOGINS}
    people: dict[str, Person] = {}

    def logged_in(name: str) -> Person:
        if name not in people:
            people[name] = Person(deployment.url, name, passwords[name])
        return people[name]

    yield logged_in
    for person in people.values():
        person.http.close()
