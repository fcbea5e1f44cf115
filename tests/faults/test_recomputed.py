"""The proof proves something: what does not fit in a view is found."""

import asyncpg
import pytest

from shared.streams.tests.house import SERVICE, House, Remarks
from tests.support.recomputed import differences


@pytest.mark.parametrize(
    ("wrong", "signs"),
    [
        ("SELECT", []),
        ("UPDATE view_remarks.by_cell SET remarks = remarks + 1 WHERE cell = 'alpha'", ["+", "-"]),
        ("DELETE FROM view_remarks.remark WHERE nth = 1 AND cell = 'alpha'", ["-"]),
        ("INSERT INTO view_remarks.by_cell VALUES ('beta', 1)", ["+"]),
        ("UPDATE view_remarks.remark SET text = NULL WHERE nth = 2 AND cell = 'alpha'", ["+", "-"]),
    ],
    ids=["nothing is wrong", "counted twice", "a row is missing", "a row too many", "a text is missing"],
)
async def test_what_a_view_has_and_should_not_have_is_named(
    pool: asyncpg.Pool, redis_url: str, wrong: str, signs: list[str]
) -> None:
    house = await House.build(pool, redis_url)
    await house.relay()
    view = Remarks()
    following = await house.follow(view)
    assert await following.wait_for("remarks", await house.remark("alpha", "một", "hai", "ba"), timeout=20)
    async with pool.acquire() as connection:
        await connection.execute(wrong)
        found = await differences(connection, view, {SERVICE: house.log})
    assert sorted(line[0] for line in found) == signs
    await house.close()
