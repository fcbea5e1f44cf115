"""What the world may see is routed to whom it belongs, as in the embedded deployment (`deploy.local.dispatch`)."""

import re
from pathlib import Path

import pytest

from deploy.local.dispatch import HOME, NOT_FROM_OUTSIDE
from shared.settings import SERVICES

TEXT = (Path(__file__).parents[1] / "Caddyfile").read_text()


def matchers() -> dict[str, list[str]]:
    return {name: paths.split() for name, paths in re.findall(r"^\t(@\w+) path (.*)$", TEXT, re.M)}


def upstream(handle: str) -> str:
    """What the block ``handle …`` does."""
    (body,) = re.findall(rf"^\t{re.escape(handle)} {{\n(.*?)\n\t}}$", TEXT, re.M | re.S)
    return str(body.strip())


def test_the_inner_side_of_a_service_is_not_there_for_the_world() -> None:
    hidden = {path for prefix in NOT_FROM_OUTSIDE for path in (prefix, f"{prefix}/*")}
    assert set(matchers()["@inside"]) == hidden
    assert upstream("handle @inside") == "respond 404"


@pytest.mark.parametrize("service", [service for service in SERVICES if service != HOME])
def test_each_service_gets_what_lies_below_its_name(service: str) -> None:
    assert matchers()[f"@{service}"] == [f"/{service}", f"/{service}/*"]
    assert upstream(f"handle @{service}") == f"reverse_proxy {service}-api:8000"


def test_all_else_goes_to_members() -> None:
    assert upstream("handle") == f"reverse_proxy {HOME}-api:8000"
