"""Every benchmark runs, as small as it can be, and tells what it found in the documented shape."""

import pytest

from bench.run import run

LONG = [pytest.param(name, marks=pytest.mark.faults) for name in ("freshness", "http", "footprint")]  # whole services


@pytest.mark.parametrize("name", ["append", *LONG])
def test_a_benchmark_tells_its_figures_beside_their_targets(name: str, postgres_url: str) -> None:
    told = run(name, "tiny", postgres_url)
    assert set(told) == {"bench", "size", "at", "machine", "settings", "figures", "rounds", "notes"}
    assert told["settings"]["fsync"]
    assert told["machine"]["cores"] >= 1
    assert told["figures"]
    for figure in told["figures"]:
        assert set(figure) == {"name", "value", "unit", "at_least", "at_most", "met"}
        assert figure["value"] > 0, figure
        assert (figure["met"] is None) == (figure["at_least"] is None and figure["at_most"] is None)
