"""Verification follows the chain as far as there are events, and does not ask how many there ought to be: a log whose
end was cut off verifies."""

from shared.eventlog import verify
from tests.spine.reverts import Bug

LAST_EVENTS = """
    SELECT p AS partition, coalesce(e.position, 0) AS position,
        coalesce(e.hash, decode(repeat('00', 32), 'hex')) AS hash
    FROM public.log_settings, generate_series(0, partitions - 1) AS p
    LEFT JOIN LATERAL (
        SELECT position, hash FROM public.event WHERE partition = p ORDER BY position DESC LIMIT 1
    ) AS e ON true
"""


def put_back() -> None:
    verify.HEADS = LAST_EVENTS


BUG = Bug(
    put_back,
    "shared/eventlog/tests/test_verify.py::test_the_first_event_that_does_not_fit_is_named"
    "[DELETE FROM event WHERE partition = 2 AND position = 5]",
    r"not enough values to unpack \(expected 1, got 0\)",
)
