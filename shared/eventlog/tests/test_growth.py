"""What is asked of a log all day long is looked up in its indexes, however large the log has grown."""

import asyncpg
import pytest

from shared.eventlog import EventLog, append
from shared.eventlog import log as log_queries

GROWN = """
    INSERT INTO public.event
    SELECT n % 4, n / 4 + 1, 'meeting:' || n / 14, n % 14 + 1, 'meetings.MeetingPlanned', 1, '{}', '{}', now(), ''
    FROM generate_series(0, 19999) AS n
"""
ANSWERED = """
    INSERT INTO public.command
    SELECT 'key ' || n, NULL, n % 4, n, '{}', NULL FROM generate_series(0, 19999) AS n
"""


@pytest.mark.parametrize("counted", [False, True], ids=["before anything was counted", "with statistics"])
@pytest.mark.parametrize(
    ("query", "given"),
    [
        (log_queries.READ, "('meeting:7', 0)"),
        (log_queries.FEED, "(1, 4000, 500)"),
        (log_queries.HEADS, ""),
        (append.FIND, "('key 7')"),
    ],
    ids=["a stream", "a feed", "heads", "a repeated command"],
)
async def test_no_question_reads_the_whole_log(
    log: EventLog, pool: asyncpg.Pool, query: str, given: str, counted: bool
) -> None:
    async with pool.acquire() as connection:
        await connection.execute(f"PREPARE asked AS {query}")
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(GROWN)
        await connection.execute(ANSWERED)
        if counted:
            await connection.execute("ANALYZE")
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE asked{given}"))
        await connection.execute("DEALLOCATE asked")
        await connection.execute("RESET plan_cache_mode")
    assert "Seq Scan on event" not in plan, plan
    assert "Seq Scan on command" not in plan, plan


async def test_the_version_of_a_stream_is_looked_up_even_by_a_plan_made_while_the_log_was_empty(
    log: EventLog, pool: asyncpg.Pool
) -> None:
    async with pool.acquire() as connection:
        await connection.execute(GROWN)
        plan = await connection.fetch(
            "EXPLAIN SELECT v.version, v.partition FROM event v WHERE v.stream = 'x' ORDER BY v.version DESC LIMIT 1"
        )
    assert "event_stream_version" in "\n".join(row[0] for row in plan)
