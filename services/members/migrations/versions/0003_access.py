"""Logging in: credentials, sessions, throttling, signing keys."""

from services.members.access.schema import CREATE
from shared.migrations import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run(CREATE)
