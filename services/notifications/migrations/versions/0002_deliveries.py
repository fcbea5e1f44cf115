"""What is to be told by e-mail, and each attempt's outcome."""

from shared.migrations import run

revision = "0002"
down_revision = "0001"

DELIVERIES = (
    """
    CREATE TABLE delivery_request (
        notification text PRIMARY KEY,
        rule         text NOT NULL,
        organisation text NOT NULL,
        audience     text[] NOT NULL,
        params       text NOT NULL,           -- JSON
        link         text NOT NULL,
        created_at   timestamptz NOT NULL,
        expanded_at  timestamptz              -- when its readers were found
    )
    """,
    "CREATE INDEX ON delivery_request (created_at) WHERE expanded_at IS NULL",
    """
    CREATE TABLE delivery (
        delivery        text PRIMARY KEY,
        notification    text NOT NULL REFERENCES delivery_request,
        member          text NOT NULL,
        state           text NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
        attempts        integer NOT NULL,
        next_attempt_at timestamptz NOT NULL,
        last_error      text,
        finished_at     timestamptz
    )
    """,
    "CREATE INDEX ON delivery (next_attempt_at) WHERE state = 'pending'",
)


def upgrade() -> None:
    run(DELIVERIES)
