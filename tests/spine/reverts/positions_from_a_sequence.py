"""Events are numbered by a sequence when they are inserted, not under a lock that is held until COMMIT: a reader that
sees 2 goes on from there, and 1 becomes visible behind its back (Marten #2681, Emmett PR #336, Eventuous #222)."""

from shared.eventlog import schema
from tests.spine.reverts import Bug

HEAD_MOVES = "UPDATE partition_head h SET position = last_position, hash = head WHERE h.partition = locked;"


def put_back() -> None:
    statements = schema.upgrade_statements

    def without_the_lock(statement: str) -> str:
        for known, instead in {
            " FOR NO KEY UPDATE SKIP LOCKED": "",
            " FOR NO KEY UPDATE": "",
            HEAD_MOVES: "NULL;",
            "last_position := last_position + 1": "last_position := nextval('numbers')",
        }.items():
            statement = statement.replace(known, instead)
        return statement

    assert any(HEAD_MOVES in statement for statement in statements(1))
    schema.upgrade_statements = lambda partitions: [
        "CREATE SEQUENCE numbers",
        *(without_the_lock(statement) for statement in statements(partitions)),
    ]


BUG = Bug(
    put_back,
    "shared/eventlog/tests/test_races.py::test_nobody_passes_an_append_that_has_not_committed[True]",
    r"assert \[2\b.*\] == \[\]",
    quick=True,
)
