"""The event log."""

from shared.migrations import make_log

revision = "0001"
down_revision = None


def upgrade() -> None:
    make_log()
