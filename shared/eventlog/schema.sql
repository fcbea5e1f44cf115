-- The tables of one service's event log. Statements are separated by lines of "--;" (asyncpg prepares one at a time).

CREATE TABLE public.log_settings (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 1024)
)
--;
-- data and metadata are text, never jsonb: what is stored is exactly what was hashed
CREATE TABLE public.event (
    partition   integer     NOT NULL,
    position    bigint      NOT NULL,
    stream      text        NOT NULL,
    version     integer     NOT NULL,
    type        text        NOT NULL,
    schema      integer     NOT NULL,
    data        text        NOT NULL,
    metadata    text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    hash        bytea       NOT NULL,
    PRIMARY KEY (partition, position),
    CONSTRAINT event_stream_version UNIQUE (stream, version)
)
--;
-- room on the page for the dead versions of these few, very often updated rows
CREATE TABLE public.partition_head (
    partition integer PRIMARY KEY,
    position  bigint  NOT NULL,
    hash      bytea   NOT NULL
) WITH (fillfactor = 10)
--;
CREATE TABLE public.command (
    key         text        PRIMARY KEY,
    fingerprint bytea,
    partition   integer     NOT NULL,
    position    bigint      NOT NULL,
    versions    text        NOT NULL,
    answer      text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
--;
CREATE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are facts: % on event is refused', TG_OP USING ERRCODE = 'CB005';
END
$$
--;
CREATE TRIGGER event_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON public.event
    FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()
--;
-- Append several commands in one call, each wholly or not at all, and say of each what became of it. Commands come
-- sorted by partition: the heads are locked in one order, so that two calls cannot wait for each other. The heads are
-- all this locks, and COMMIT follows: positions are gap-free and in commit order.
-- Runs with its owner's rights: whoever calls it needs no right to write any of these tables.
CREATE FUNCTION public.append_events(
    p_channel text,         -- NOTIFY this channel on COMMIT; none when NULL
    p_wait boolean,         -- for a head that another transaction holds; otherwise its commands are answered busy
    c_partition integer[],  -- one element per command: where its streams are, or go when they are new
    c_key text[],           -- idempotency key or NULL
    c_fingerprint bytea[],
    c_versions text[],      -- what to answer when it is repeated
    c_answer text[],
    c_metadata text[],
    c_writes integer[],     -- how many writes belong to it
    w_stream text[],        -- one element per write
    w_expected integer[],
    w_events integer[],     -- how many events belong to it
    e_type text[],          -- one element per event
    e_schema integer[],
    e_data text[]
) RETURNS TABLE (
    outcome text,           -- appended, repeated, reused, stale, elsewhere, divided or busy
    at_partition integer,
    at_position bigint,
    versions text,          -- these two only of a repeated command
    answer text,
    stream text,            -- these three only of a stale one
    expected integer,
    actual integer
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    locked integer;
    last_position bigint;
    first_position bigint;
    head bytea;
    instant timestamptz;
    micros bigint;
    w integer := 0;
    e integer := 0;
    first_w integer;
    events integer;
    lives_in integer;
    found_version integer;
    known record;
BEGIN
    FOR c IN 1 .. cardinality(c_partition) LOOP
        IF locked IS DISTINCT FROM c_partition[c] THEN
            IF last_position > first_position THEN
                UPDATE partition_head h SET position = last_position, hash = head WHERE h.partition = locked;
            END IF;
            locked := c_partition[c];
            IF p_wait THEN
                SELECT h.position, h.hash INTO last_position, head
                    FROM partition_head h WHERE h.partition = locked FOR NO KEY UPDATE;
            ELSE
                SELECT h.position, h.hash INTO last_position, head
                    FROM partition_head h WHERE h.partition = locked FOR NO KEY UPDATE SKIP LOCKED;
            END IF;
            first_position := last_position;
            instant := clock_timestamp();
            micros := extract(epoch FROM instant) * 1000000;
        END IF;

        outcome := CASE WHEN head IS NULL THEN 'busy' ELSE 'appended' END;
        at_partition := NULL;
        events := 0;
        first_w := w + 1;
        w := w + c_writes[c];
        FOR i IN first_w .. w LOOP
            events := events + w_events[i];
            CONTINUE WHEN outcome = 'busy';
            SELECT v.version, v.partition INTO found_version, lives_in
                FROM event v WHERE v.stream = w_stream[i] ORDER BY v.version DESC LIMIT 1;
            IF at_partition <> lives_in THEN
                outcome := 'divided';
            ELSIF lives_in <> locked AND outcome <> 'divided' THEN
                outcome := 'elsewhere';
            ELSIF outcome = 'appended' AND coalesce(found_version, 0) <> w_expected[i] THEN
                outcome := 'stale';
                stream := w_stream[i];
                expected := w_expected[i];
                actual := coalesce(found_version, 0);
            END IF;
            at_partition := coalesce(lives_in, at_partition);
        END LOOP;
        at_partition := coalesce(at_partition, locked);
        at_position := CASE events WHEN 0 THEN 0 ELSE last_position + events END;

        IF outcome = 'appended' AND c_key[c] IS NOT NULL THEN
            INSERT INTO command VALUES (c_key[c], c_fingerprint[c], locked, at_position, c_versions[c], c_answer[c])
                ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                outcome := 'repeated';
            END IF;
        END IF;

        IF outcome <> 'appended' THEN
            e := e + events;
            SELECT k.* INTO known FROM command k WHERE k.key = c_key[c];
            IF known.fingerprint IS DISTINCT FROM c_fingerprint[c] AND known.key IS NOT NULL THEN
                outcome := 'reused';
            ELSIF known.key IS NOT NULL THEN
                outcome := 'repeated';
                at_partition := known.partition;
                at_position := known.position;
                versions := known.versions;
                answer := known.answer;
            END IF;
            RETURN NEXT;
            versions := NULL;
            answer := NULL;
            CONTINUE;
        END IF;

        FOR i IN first_w .. w LOOP
            FOR version IN w_expected[i] + 1 .. w_expected[i] + w_events[i] LOOP
                e := e + 1;
                last_position := last_position + 1;
                -- the canonical form of shared/eventlog/chain.py
                head := sha256(head || convert_to(concat(
                    locked, ' ', last_position, ' ', version, ' ', e_schema[e], ' ', micros, ' ',
                    octet_length(w_stream[i]), ':', w_stream[i], octet_length(e_type[e]), ':', e_type[e],
                    octet_length(c_metadata[c]), ':', c_metadata[c], octet_length(e_data[e]), ':', e_data[e]), 'UTF8'));
                INSERT INTO event VALUES (locked, last_position, w_stream[i], version, e_type[e], e_schema[e], e_data[e],
                                          c_metadata[c], instant, head);
            END LOOP;
        END LOOP;
        RETURN NEXT;
    END LOOP;

    IF last_position > first_position THEN
        UPDATE partition_head h SET position = last_position, hash = head WHERE h.partition = locked;
    END IF;
    IF p_channel IS NOT NULL THEN
        PERFORM pg_notify(p_channel, grown::text) FROM unnest(c_partition) AS grown;
    END IF;
END
$$
--;
REVOKE ALL ON FUNCTION public.append_events FROM PUBLIC
--;
INSERT INTO public.log_settings (partitions) VALUES (:partitions)
--;
-- the hash before the first event is 32 zero octets
INSERT INTO public.partition_head (partition, position, hash)
    SELECT number, 0, decode(repeat('00', 32), 'hex')
    FROM public.log_settings, generate_series(0, partitions - 1) AS number
