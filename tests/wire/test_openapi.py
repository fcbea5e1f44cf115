"""Every operation of every service answers as its OpenAPI document says, whatever is sent: never with a fault of ours.

Schemathesis makes the requests from the document (its examples, every boundary of every parameter, then at random,
valid and not); the bloc they go to is real. A request that fits the document is aimed at something that exists.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.redis import Redis
from shared.settings import SERVICES
from tests.support.servers import server_folder
from tests.wire.bloc import Bloc, bloc_at_work

SETTINGS = {
    "service_secret": "test",
    "database_url": "postgresql://",
    "redis_url": "redis://",
}  # of tests.support.house
HOUSE = Path(__file__).parents[2]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "missing_required_header",
    "ignored_auth",
)


@pytest.fixture(scope="module")
def bloc(postgres_url: str) -> Iterator[Bloc]:
    """On a Redis of its own: the one that tests share is emptied before each."""
    with (
        server_folder() as folder,
        Redis(folder, durable=False) as redis,
        bloc_at_work(postgres_url, redis.url()) as working,
    ):
        yield working


def tried(bloc: Bloc, service: str, folder: Path, *options: str) -> str:
    """What schemathesis says of a service when something is wrong; empty when all is well."""
    given = {"service": service, "known": bloc.known, "logins": bloc.logins, "settings": SETTINGS}
    run = subprocess.run(
        (
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{bloc.urls[service]}/{service}/openapi.json"),
            *("--checks", ",".join(CHECKS), "--continue-on-failure", "--no-color", "--warnings", "off"),
            *("--generation-with-security-parameters", "false", "--suppress-health-check", "all", *options),
        ),
        env=os.environ
        | {
            "PYTHONPATH": str(HOUSE),
            "SCHEMATHESIS_HOOKS": "tests.wire.aim",
            "CHIBO_WIRE_BLOC": json.dumps(given),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout + run.stderr if run.returncode else ""


@pytest.mark.xdist_group("wire")
@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_is_one_the_document_knows(bloc: Bloc, service: str, tmp_path: Path) -> None:
    wrong = tried(bloc, service, tmp_path, "--phases", "examples,coverage", "--generation-deterministic")
    assert not wrong, wrong


@pytest.mark.faults
@pytest.mark.xdist_group("wire")
@pytest.mark.parametrize("service", SERVICES)
def test_whatever_is_sent_every_answer_is_one_the_document_knows(bloc: Bloc, service: str, tmp_path: Path) -> None:
    wrong = tried(bloc, service, tmp_path, "--phases", "fuzzing", "-n", "20", "--no-shrink")
    assert not wrong, wrong
