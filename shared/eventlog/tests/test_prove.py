"""One event is proven to somebody who has its octets and a signed root, and no database."""

from dataclasses import replace
from datetime import UTC, datetime

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.eventlog import EventLog, Misfit, Position, Stored
from shared.eventlog import verify as verifying
from shared.eventlog.chain import canonical, from_canonical
from shared.eventlog.checkpoints import Elsewhere, Log, proven
from shared.eventlog.tests.support import KEY_OF, order, write
from shared.transparency.checkpoint import Checkpoint
from shared.transparency.note import SigningKey
from shared.transparency.proof import Proof
from shared.transparency.tree import is_consistent, leaf_hash

KEY = SigningKey.generate("chibo-")
EVENTS = 11  # in partition 2
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


@pytest.fixture
async def told(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> EventLog:
    monkeypatch.setattr(verifying, "PAGE", 3)  # several pages
    for n in range(EVENTS):
        await log.append(write("meeting:1", n, f"Ý kiến {n}"), key=KEY_OF[2], command=order())
    return log


async def test_every_event_is_proven_at_every_size(told: EventLog) -> None:
    roots = (await told.verify(sizes={2: range(EVENTS + 1)})).roots
    assert len(roots) == EVENTS + 4
    for size in range(1, EVENTS + 1):
        note = KEY.sign(str(Checkpoint(str(Log(KEY.name, "meetings", 2)), size, roots[2, size])))
        for event in await told.feed(2, 0, size):
            found = await told.prove(Position("meetings", 2, event.position), size)
            assert found.root == roots[2, size]
            seen, signed = proven(Proof(found.entry, event.position - 1, found.path, note), KEY.verifier)
            assert seen == replace(event, hash=b"")
            assert signed.size == size


async def test_without_a_size_the_proof_is_of_all_there_is(told: EventLog) -> None:
    found = await told.prove(Position("meetings", 2, 4))
    assert (found.size, found.root) == (EVENTS, (await told.verify()).roots[2, EVENTS])


async def test_growth_is_proven_from_every_size(told: EventLog) -> None:
    roots = (await told.verify(sizes={2: range(EVENTS + 1)})).roots
    for old in range(EVENTS + 1):
        found = await told.prove_growth(2, old)
        assert (found.size, found.root, found.old_root) == (EVENTS, roots[2, EVENTS], roots[2, old])
        assert is_consistent(old, roots[2, old], EVENTS, roots[2, EVENTS], found.path)
    with pytest.raises(LookupError, match="11 events"):
        await told.prove_growth(2, EVENTS + 1)


@pytest.mark.parametrize(
    ("partition", "position", "size"), [(2, 0, None), (2, 12, None), (2, 5, 4), (2, 5, 12), (0, 1, None), (7, 1, None)]
)
async def test_what_was_never_recorded_has_no_proof(
    told: EventLog, partition: int, position: int, size: int | None
) -> None:
    with pytest.raises(LookupError, match="events"):
        await told.prove(Position("meetings", partition, position), size)


async def test_nothing_is_proven_of_a_log_that_does_not_fit(told: EventLog, pool: asyncpg.Pool) -> None:
    before = await told.prove(Position("meetings", 2, 4), 6)
    await pool.execute("ALTER TABLE event DISABLE TRIGGER event_never_changes")
    await pool.execute("UPDATE event SET data = data || ' ' WHERE partition = 2 AND position = 9")
    with pytest.raises(Misfit, match=r"2\.9"):
        await told.prove(Position("meetings", 2, 4))
    assert await told.prove(Position("meetings", 2, 4), 6) == before  # what came before still fits


def test_a_proof_of_another_place_than_the_event_names_is_refused() -> None:
    event = Stored("meetings", 2, 1, "meeting:1", 1, "T", 1, b"{}", b"{}", datetime.now(UTC), b"")
    for entry, origin, problem in (
        (canonical(event), f"{KEY.name}/meetings/3", r"2\.1"),
        (canonical(replace(event, position=2)), f"{KEY.name}/meetings/2", r"2\.2"),
        (canonical(event) + b" ", f"{KEY.name}/meetings/2", "one form"),
        (b"something else", f"{KEY.name}/meetings/2", "five numbers"),
        (canonical(event), f"{KEY.name}/meetings/02", "02"),
        (canonical(event), f"{KEY.name}/meetings", "meetings"),
        (canonical(event), "chibo-other/meetings/2", "chibo-other"),
    ):
        note = KEY.sign(str(Checkpoint(origin, 1, leaf_hash(entry))))
        with pytest.raises(Elsewhere, match=problem):
            proven(Proof(entry, 0, (), note), KEY.verifier)


EVENT = st.builds(
    Stored,
    st.just("meetings"),
    *(st.integers(0, 2**31 - 1), st.integers(1, 2**63 - 1), TEXT, st.integers(1, 2**31 - 1)),
    *(TEXT, st.integers(1, 2**31 - 1), TEXT.map(str.encode), TEXT.map(str.encode)),
    st.datetimes(timezones=st.just(UTC)),
    st.just(b""),
)


@given(EVENT)
def test_an_event_is_read_back_from_its_canonical_form(event: Stored) -> None:
    assert from_canonical("meetings", canonical(event)) == event


@given(EVENT, st.integers(0, 10_000), st.integers(0, 7))
def test_another_form_is_another_event_or_none(event: Stored, at: int, bit: int) -> None:
    form = bytearray(canonical(event))
    form[at % len(form)] ^= 1 << bit
    try:
        other = from_canonical("meetings", bytes(form))
    except ValueError:
        return
    assert other != event
    assert canonical(other) == form
