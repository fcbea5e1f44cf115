"""The persons' keys, and who read whose record."""

from services.members.register.readings import READING_TABLE
from shared.migrations import run
from shared.privacy.local import PERSON_KEY_TABLE

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run([PERSON_KEY_TABLE, *READING_TABLE])
