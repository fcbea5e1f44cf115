"""The tables of the streams that cannot be rebuilt, made by Alembic. Views are made by `shared.streams.rebuild`."""

CREATE: tuple[str, ...] = (
    """
    CREATE TABLE checkpoint (
        subscription text NOT NULL,
        source       text NOT NULL,
        partition    integer NOT NULL,
        position     bigint NOT NULL DEFAULT 0,     -- the last event of the source's partition that has its effect
        parked       integer NOT NULL DEFAULT 0,    -- how many rows of "parked" wait behind it
        moved_at     timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (subscription, source, partition)
    )
    """,
    """
    CREATE TABLE parked (
        subscription text NOT NULL,
        source       text NOT NULL,
        partition    integer NOT NULL,
        position     bigint NOT NULL,
        stream       text NOT NULL,
        type         text NOT NULL,
        error        text NOT NULL,
        behind       bigint,                        -- the position of the failing event it waits for, if not itself
        parked_at    timestamptz NOT NULL DEFAULT now(),
        skipped_at   timestamptz,
        skipped_by   text,
        reason       text,
        PRIMARY KEY (subscription, source, partition, position)
    )
    """,
    """
    CREATE TABLE view_state (
        name     text PRIMARY KEY,
        version  integer NOT NULL,
        built_at timestamptz NOT NULL DEFAULT now()
    )
    """,
)

DROP: tuple[str, ...] = ("DROP TABLE view_state", "DROP TABLE parked", "DROP TABLE checkpoint")
