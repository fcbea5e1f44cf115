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
-- Append in one call. Everything that can be checked without a lock comes first; the partition's head is locked last,
-- so positions are gap-free and in commit order, and the lock is held for little more than the COMMIT itself.
-- Runs with its owner's rights: whoever calls it needs no right to write any of these tables.
CREATE FUNCTION public.append_events(
    p_channel text,         -- NOTIFY this channel on COMMIT; none when NULL
    p_partition integer,    -- where a new stream goes; one that has events keeps its own
    p_key text,             -- idempotency key, or NULL
    p_fingerprint bytea,
    p_versions text,        -- what to answer, now and when the command is repeated
    p_answer text,
    p_metadata text,
    w_stream text[],        -- one element per write
    w_expected integer[],
    e_stream text[],        -- one element per event
    e_version integer[],
    e_type text[],
    e_schema integer[],
    e_data text[],
    OUT at_partition integer,
    OUT at_position bigint,
    OUT repeated boolean,
    OUT versions text,
    OUT answer text
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head bytea;
    instant timestamptz;
    micros bigint;
    stale integer;  -- index of the write whose stream is not where it was expected
    actual integer;
    found_partition integer;
    known record;
BEGIN
    repeated := false;
    versions := p_versions;
    answer := p_answer;
    <<attempt>>
    BEGIN
        FOR i IN 1 .. cardinality(w_stream) LOOP
            SELECT e.version, e.partition INTO actual, found_partition
                FROM event e WHERE e.stream = w_stream[i] ORDER BY e.version DESC LIMIT 1;
            IF coalesce(actual, 0) <> w_expected[i] THEN
                stale := i;
                EXIT attempt;
            END IF;
            IF found_partition <> at_partition THEN
                RAISE EXCEPTION 'the streams of one command are in different partitions' USING ERRCODE = 'CB003';
            END IF;
            at_partition := coalesce(found_partition, at_partition);
        END LOOP;
        at_partition := coalesce(at_partition, p_partition);
        at_position := 0;

        IF cardinality(e_stream) > 0 THEN
            SELECT h.position, h.hash INTO at_position, head
                FROM partition_head h WHERE h.partition = at_partition FOR NO KEY UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'there is no partition %', at_partition USING ERRCODE = 'CB004';
            END IF;
        END IF;

        IF p_key IS NOT NULL THEN
            INSERT INTO command (key, fingerprint, partition, position, versions, answer)
                VALUES (p_key, p_fingerprint, at_partition,
                        CASE cardinality(e_stream) WHEN 0 THEN 0 ELSE at_position + cardinality(e_stream) END,
                        p_versions, p_answer)
                ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                EXIT attempt;
            END IF;
        END IF;

        IF cardinality(e_stream) > 0 THEN
            instant := clock_timestamp();
            micros := extract(epoch FROM instant) * 1000000;
            FOR i IN 1 .. cardinality(e_stream) LOOP
                at_position := at_position + 1;
                -- the canonical form of shared/eventlog/chain.py
                head := sha256(head || convert_to(concat(
                    at_partition, ' ', at_position, ' ', e_version[i], ' ', e_schema[i], ' ', micros, ' ',
                    octet_length(e_stream[i]), ':', e_stream[i], octet_length(e_type[i]), ':', e_type[i],
                    octet_length(p_metadata), ':', p_metadata, octet_length(e_data[i]), ':', e_data[i]), 'UTF8'));
                INSERT INTO event VALUES (at_partition, at_position, e_stream[i], e_version[i], e_type[i], e_schema[i],
                                          e_data[i], p_metadata, instant, head)
                    ON CONFLICT ON CONSTRAINT event_stream_version DO NOTHING;
                IF NOT FOUND THEN  -- somebody wrote to the stream between the check above and the lock
                    stale := array_position(w_stream, e_stream[i]);
                    SELECT max(e.version) INTO actual FROM event e WHERE e.stream = e_stream[i];
                    RAISE EXCEPTION 'stale version' USING ERRCODE = 'CB001',
                        DETAIL = json_build_array(w_stream[stale], w_expected[stale], actual);
                END IF;
            END LOOP;
            UPDATE partition_head h SET position = at_position, hash = head WHERE h.partition = at_partition;
            IF p_channel IS NOT NULL THEN
                PERFORM pg_notify(p_channel, at_partition::text);
            END IF;
        END IF;
        RETURN;
    END;

    -- nothing was written: the command was answered before, or its stream has moved on
    SELECT c.* INTO known FROM command c WHERE c.key = p_key;
    IF FOUND THEN
        IF known.fingerprint IS DISTINCT FROM p_fingerprint THEN
            RAISE EXCEPTION 'key reused' USING ERRCODE = 'CB002';
        END IF;
        at_partition := known.partition;
        at_position := known.position;
        versions := known.versions;
        answer := known.answer;
        repeated := true;
        RETURN;
    END IF;
    RAISE EXCEPTION 'stale version' USING ERRCODE = 'CB001',
        DETAIL = json_build_array(w_stream[stale], w_expected[stale], coalesce(actual, 0));
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
