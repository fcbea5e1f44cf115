"""The tables of logging in, made by the migration "access". Times are UTC, hashes are 32 bytes."""

CREATE: tuple[str, ...] = (
    """
    CREATE TABLE credential (
        account       text PRIMARY KEY,
        organisation  text NOT NULL,
        member        text,
        login         text NOT NULL UNIQUE,  -- as `normal_login` writes it
        password_hash text,                  -- argon2id in PHC form; NULL until a first password is set
        opened_at     timestamptz NOT NULL,
        changed_at    timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ON credential (organisation, login)",
    """
    CREATE TABLE session (
        id         text PRIMARY KEY,
        account    text NOT NULL,
        created_at timestamptz NOT NULL,
        used_at    timestamptz NOT NULL,
        ended_at   timestamptz,
        reason     text,                     -- logged out | token reused | password changed | account closed
        CHECK ((ended_at IS NULL) = (reason IS NULL))
    )
    """,
    "CREATE INDEX ON session (account) WHERE ended_at IS NULL",
    """
    CREATE TABLE refresh_token (
        hash        bytea PRIMARY KEY,       -- sha256 of the token
        session     text NOT NULL REFERENCES session ON DELETE CASCADE,
        issued_at   timestamptz NOT NULL,
        replaced_at timestamptz
    )
    """,
    "CREATE INDEX ON refresh_token (session)",
    """
    CREATE TABLE login_throttle (
        kind          text NOT NULL,         -- login | address
        subject       bytea NOT NULL,        -- keyed hash: a mistyped password must not lie here
        failures      integer NOT NULL,
        blocked_until timestamptz NOT NULL,
        last_at       timestamptz NOT NULL,
        PRIMARY KEY (kind, subject)
    )
    """,
    """
    CREATE TABLE signing_key (
        kid        text PRIMARY KEY,
        public_key text NOT NULL,            -- JWK (RFC 7517) as JSON
        wrapped    bytea NOT NULL,           -- the private key's 32 bytes under the master key
        created_at timestamptz NOT NULL,
        retired_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX ON signing_key ((retired_at IS NULL)) WHERE retired_at IS NULL",
)
