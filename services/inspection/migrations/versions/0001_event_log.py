"""The spine: the event log, and what the streams must not forget."""

from shared.migrations import make_log, make_streams

revision = "0001"
down_revision = None


def upgrade() -> None:
    make_log()
    make_streams()
