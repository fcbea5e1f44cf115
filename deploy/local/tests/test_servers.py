"""The embedded servers start, stop, and are found again after a kill."""

import asyncpg


async def test_a_test_has_a_database_of_its_own_that_sorts_the_same_on_every_machine(pool: asyncpg.Pool) -> None:
    assert await pool.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert await pool.fetchval("SHOW server_encoding") == "UTF8"
    assert (
        await pool.fetchval("SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'template0'")
        == "bC.UTF-8"
    )
    assert await pool.fetchval("SELECT lower('ĐẢNG ỦY')") == "đảng ủy"


def test_a_test_has_an_empty_redis(redis_url: str) -> None:
    import redis

    with redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
