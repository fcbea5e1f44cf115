"""Every benchmark runs, as small as it can be, and tells what it found in the documented shape."""

import sys
from itertools import islice

import asyncpg
import pytest

from bench import BENCHMARKS, report
from bench.fill import Log, copies, fill, stored
from bench.load import Statements
from bench.run import run
from bench.told import tours
from deploy.local.cli.bench import bench
from deploy.local.fault import Fault
from shared.eventlog import Command, EventLog, Write
from shared.eventlog.schema import create

QUICK = ("append",)  # the others run whole services, or many rounds
LONG = [pytest.param(name, marks=pytest.mark.faults) for name in BENCHMARKS if name not in QUICK]


@pytest.mark.parametrize("name", [*QUICK, *LONG])
def test_a_benchmark_tells_its_figures_beside_their_targets(name: str, postgres_url: str) -> None:
    told = run(name, "tiny", postgres_url)
    assert set(told) == {"bench", "size", "at", "machine", "settings", "figures", "rounds", "notes"}
    assert told["settings"]["fsync"]
    assert told["machine"]["cores"] >= 1
    assert told["figures"]
    for figure in told["figures"]:
        assert set(figure) == {"name", "value", "unit", "at_least", "at_most", "met"}
        assert figure["value"] >= 0, figure  # memory may not have grown at all
        assert (figure["met"] is None) == (figure["at_least"] is None and figure["at_most"] is None)


async def test_a_log_that_was_filled_for_a_benchmark_is_one_that_verifies(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await create(connection, 4)
        end, patterns = Log("meetings", 4), [stored(held) for held in islice(tours(), 5)]
        for _ in range(2):
            await fill(connection, end, copies(patterns), 100)
    log = await EventLog.open(pool, "meetings")
    found = await log.verify()
    assert not found.broken
    assert sum(found.events.values()) == end.events >= 200
    given = Write("statement:1", 0, [Statements().next(0)])
    appended = await log.append(given, key="a-cell", command=Command("test", "test"))
    assert appended.at.position == end.heads[appended.at.partition][0] + 1
    assert not (await log.verify()).broken


def test_without_a_name_the_benchmarks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    bench()
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(BENCHMARKS)


def test_an_unknown_benchmark_is_refused_by_name() -> None:
    with pytest.raises(Fault, match="nonsense"):
        bench("nonsense")


def test_where_there_are_no_sources_the_command_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bench", None)
    with pytest.raises(Fault) as refused:
        bench()
    assert refused.value.code == "bench.none"


def test_the_page_of_benchmarks_is_what_the_kept_results_say() -> None:
    page = report.PAGE.read_text("utf-8")
    assert report.tables() in page
