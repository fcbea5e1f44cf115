"""How a run of the tests is spread over its workers."""

import os

import pytest


@pytest.mark.xdist_group("spread")
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process: there is nothing to spread")
def test_what_shares_a_deployment_runs_on_one_worker(request: pytest.FixtureRequest) -> None:
    """A release of pytest once broke groups without a word: every worker then started deployments of its own."""
    assert request.node.nodeid.endswith("@spread")
