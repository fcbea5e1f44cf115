"""The connection broke around COMMIT, and the command is sent again as if it were new, without its key: somebody whose
command was recorded is told that somebody else was faster, or it is recorded twice (Marten #5262)."""

from dataclasses import replace

from shared.eventlog.append import Outcome, Request
from shared.eventlog.sender import Sender
from tests.spine.reverts import Bug


def put_back() -> None:
    alone = Sender._alone

    async def blindly(self: Sender, request: Request) -> Outcome:
        return await alone(self, replace(request, key=None))

    Sender._alone = blindly  # type: ignore[method-assign]


BUG = Bug(
    put_back,
    "shared/eventlog/tests/test_unknown_outcome.py::test_a_command_with_a_key_is_recorded_exactly_once[after]",
    r"StaleVersion: meeting:1 is at version 1, not 0",
)
