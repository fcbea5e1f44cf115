"""The hash that an event follows is read before the lock is taken: two writers follow the same one, and the chain
forks."""

from shared.eventlog import schema
from tests.spine.reverts import Bug

LOCKED = """SELECT h.position, h.hash INTO last_position, head
                    FROM partition_head h WHERE h.partition = locked FOR NO KEY UPDATE;"""
TOO_EARLY = """SELECT h.hash INTO head FROM partition_head h WHERE h.partition = locked;
                SELECT h.position INTO last_position
                    FROM partition_head h WHERE h.partition = locked FOR NO KEY UPDATE;"""


def put_back() -> None:
    statements = schema.upgrade_statements
    assert any(LOCKED in statement for statement in statements(1))
    schema.upgrade_statements = lambda partitions: [
        statement.replace(LOCKED, TOO_EARLY) for statement in statements(partitions)
    ]


BUG = Bug(
    put_back,
    "shared/eventlog/tests/test_races.py::test_two_writers_on_one_partition_make_one_chain",
    r"its hash is not that of what is stored",
    quick=True,
)
