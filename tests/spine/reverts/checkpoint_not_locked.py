"""The checkpoint is read without a lock: two replicas both take a batch for new, and both apply it."""

from shared.streams import checkpoint
from tests.spine.reverts import Bug


def put_back() -> None:
    checkpoint.LOCK = checkpoint.LOCK.replace("FOR UPDATE", "")


BUG = Bug(
    put_back,
    "shared/streams/tests/test_races.py"
    "::test_of_two_replicas_on_one_partition_the_second_waits_and_drops_what_is_not_newer",
    r"assert 5 == 3",
)
