"""Checkpoints as an operator makes them and a committee uses them, at a terminal where meetings runs."""

import os
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from deploy.local.cli.checkpoint import position_of
from deploy.local.cli.logs import checkpoints, whose
from deploy.local.cli.verify import check, check_growth
from deploy.local.fault import Fault
from deploy.local.tests.conftest import Run
from shared.eventlog import EventLog, Stored
from shared.eventlog.chain import GENESIS, canonical, next_hash
from shared.eventlog.codec import COLUMNS, to_stored
from shared.eventlog.schema import create
from shared.eventlog.tests.support import KEY_OF, order, write
from shared.transparency.checkpoint import Checkpoint
from shared.transparency.growth import Growth
from shared.transparency.note import SigningKey, to_base64
from shared.transparency.proof import Proof
from shared.transparency.tree import EMPTY, leaf_hash, node_hash

KEY = SigningKey.generate("chibo-")
PUBLIC = str(KEY.verifier)


@pytest.fixture
async def here(chibo: Run, environment: dict[str, str], pool: asyncpg.Pool) -> Run:
    """`chibo` where meetings runs, with three events recorded."""
    async with pool.acquire() as connection:
        await create(connection, 4)
    log = await EventLog.open(pool, "meetings")
    for n in range(3):
        await log.append(write("meeting:1", n, f"Ý kiến {n}"), key=KEY_OF[2], command=order())
    return lambda *arguments: chibo(*arguments, **(environment | {"CHIBO_SERVICE": "meetings"}))


@pytest.fixture
def signing(chibo: Run, here: Run, environment: dict[str, str]) -> Run:
    """The same where the deployment's key is."""
    told = environment | {"CHIBO_SERVICE": "meetings", "CHIBO_CHECKPOINT_KEY": str(KEY)}
    return lambda *arguments: chibo(*arguments, **told)


async def rewrite(pool: asyncpg.Pool, statement: str) -> None:
    """What somebody does who has every right on the database and knows how the log is made."""
    await pool.execute("ALTER TABLE event DISABLE TRIGGER event_never_changes")
    await pool.execute(statement)
    head, position = GENESIS, 0
    rows = await pool.fetch(f"SELECT {COLUMNS} FROM event WHERE partition = 2 ORDER BY position")
    for event in (to_stored("meetings", row) for row in rows):
        head, position = next_hash(head, event), event.position
        await pool.execute("UPDATE event SET hash = $2 WHERE partition = 2 AND position = $1", position, head)
    await pool.execute("UPDATE partition_head SET position = $1, hash = $2 WHERE partition = 2", position, head)


def test_a_checkpoint_is_signed_kept_outside_and_holds(signing: Run, folder: Path) -> None:
    made = signing("checkpoint", "--out", "october.txt")
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout == "october.txt: 4 checkpoints of 3 events are signed; keep this file away from the server.\n"
    assert (folder / "october.txt").read_text() == signing("checkpoint").stdout  # Ed25519 signs alike every time
    assert signing("checkpoint", "--key").stdout == f"{PUBLIC}\n"
    (folder / "chibo.key").write_text(f"{PUBLIC}\n")
    for key in ((), ("--key", "chibo.key")):
        held = signing("verify", "--checkpoint", "october.txt", *key)
        assert (held.returncode, held.stderr) == (0, "")
        assert held.stdout.splitlines() == [
            "meetings: 3 events, every hash fits",
            "meetings: 4 checkpoints hold, nothing before them was changed",
        ]
    again = signing("checkpoint", "--out", "october.txt")
    assert (again.returncode, again.stderr.split(",")[0]) == (1, "chibo: october.txt exists")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE event SET data = replace(data, 'Ý kiến 1', 'Nhất trí')",
            "meetings: partition 2 no longer begins with the 3 events that were signed: the log was rewritten",
        ),
        (
            "DELETE FROM event WHERE position = 3",
            "meetings: partition 2 has 2 fitting events left of the 3 that were signed: the log was cut or changed",
        ),
    ],
)
async def test_what_the_hashes_alone_cannot_show_is_told_by_the_checkpoint(
    signing: Run, pool: asyncpg.Pool, statement: str, said: str
) -> None:
    signing("checkpoint", "--out", "october.txt")
    await rewrite(pool, statement)
    assert signing("verify").returncode == 0
    told = signing("verify", "--checkpoint", "october.txt")
    assert told.returncode == 1
    assert said in told.stdout.splitlines()
    assert told.stderr.startswith("chibo: The log is not the one that was signed in october.txt")
    if "rewritten" in said:
        refused = signing("prove", "meetings.2.1", "--checkpoint", "october.txt")
        assert (refused.returncode, refused.stdout) == (1, f"{said}\n")


async def test_nothing_is_signed_or_proven_of_a_broken_log(signing: Run, pool: asyncpg.Pool, folder: Path) -> None:
    await pool.execute("ALTER TABLE event DISABLE TRIGGER event_never_changes")
    await pool.execute("UPDATE event SET data = data || ' ' WHERE position = 2")
    for command in (("checkpoint", "--out", "october.txt"), ("prove", "meetings.2.1")):
        refused = signing(*command)
        assert refused.returncode == 1
        assert refused.stdout.startswith("meetings: event 2.2 does not fit (its hash is not")
        assert refused.stderr.startswith("chibo: The event log was changed outside chibo")
    assert os.listdir(folder) == []


BODY = str(Checkpoint(f"{KEY.name}/meetings/0", 0, EMPTY))
OTHER = SigningKey.generate("chibo-")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "bad.txt, checkpoint 1: it is not a signed checkpoint"),
        (BODY, "bad.txt, checkpoint 1: it is not a signed checkpoint"),
        (KEY.sign(BODY).replace("— ", "- "), "bad.txt, checkpoint 1: it is not a signed checkpoint"),
        (KEY.sign("hello\n"), "bad.txt, checkpoint 1: it is not a signed checkpoint"),
        (OTHER.sign(BODY), f"bad.txt, checkpoint 1: signed by another key ({OTHER.name}+"),
        (f"{KEY.sign(BODY)}\n{KEY.sign(BODY).replace('/0', '/1')}", "bad.txt, checkpoint 2: it names chibo-"),
        (KEY.sign(BODY.replace(KEY.name, OTHER.name)), "bad.txt, checkpoint 1: it is not about a log of this"),
        (None, "bad.txt cannot be read (No such file or directory)"),
    ],
    ids=["nothing", "no signature", "spoiled", "no log", "another key", "the second", "another log", "no file"],
)
def test_what_is_not_the_deployments_own_checkpoint_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("bad.txt").write_text(text)
    with pytest.raises(Fault) as refused:
        checkpoints(Path("bad.txt"), KEY.verifier)
    assert str(refused.value).startswith(said)
    assert len(str(refused.value).splitlines()) == 1


def test_a_key_that_is_none_is_refused() -> None:
    for key in ("abc", str(KEY), f"{PUBLIC}A"):
        with pytest.raises(Fault, match="The key is not one"):
            whose(key, lambda: KEY)
    with pytest.raises(Fault, match="The signing key is not here"):
        whose(None, lambda: None)


def test_what_a_file_does_not_speak_of_is_said(signing: Run, folder: Path) -> None:
    first = "\n\n".join(signing("checkpoint").stdout.split("\n\n")[:2]) + "\n"
    elsewhere = KEY.sign(f"{KEY.name}/members/0\n" + first.split("\n", 1)[1].split("\n\n")[0] + "\n")
    (folder / "some.txt").write_text(f"{first}\n{elsewhere}")
    said = signing("verify", "--checkpoint", "some.txt")
    assert (said.returncode, said.stderr) == (0, "")
    assert "meetings: the file has no checkpoint of partition 1, 2, 3" in said.stdout
    assert "members: its log is not here" in said.stdout


async def test_an_event_is_proven_to_who_has_nothing_but_the_public_key(
    signing: Run, chibo: Run, pool: asyncpg.Pool, folder: Path
) -> None:
    signing("checkpoint", "--out", "october.txt")
    event = "meetings.2.2"
    row = await pool.fetchrow("SELECT * FROM event WHERE position = 2")
    for more in ((), ("--checkpoint", "october.txt")):
        made = signing("prove", event, *more, "--out", f"{len(more)}.tlog-proof")
        assert (made.returncode, made.stderr) == (0, "")
        assert f"`chibo verify --proof {len(more)}.tlog-proof --key {PUBLIC}`" in made.stdout
    assert (folder / "0.tlog-proof").read_text() == (folder / "2.tlog-proof").read_text()
    shown = chibo("verify", "--proof", "0.tlog-proof", "--key", PUBLIC)  # no database, no secret
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"{event} stands in the log exactly as below; {KEY.name} signed it")
    assert shown.stdout.splitlines()[-2:] == [row["metadata"], row["data"]]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("extra M", "extra N", "my.tlog-proof proves nothing"),
        ("index 0", "index 1", "my.tlog-proof proves nothing"),
        ("index", "Index", "my.tlog-proof is not a proof"),
        ("\n2\n", "\n3\n", "my.tlog-proof, checkpoint 1: it names"),
        (KEY.name, OTHER.name, "my.tlog-proof, checkpoint 1: signed by another key"),
    ],
    ids=["event", "index", "heading", "size", "key"],
)
def test_a_proof_that_was_changed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    event = Stored("meetings", 0, 1, "meeting:1", 1, "T", 1, b"{}", b"{}", datetime.now(UTC), b"")
    leaf, beside = leaf_hash(canonical(event)), leaf_hash(b"another")
    note = KEY.sign(str(Checkpoint(f"{KEY.name}/meetings/0", 2, node_hash(leaf, beside))))
    text = str(Proof(canonical(event), 0, (beside,), note))
    assert before in text
    Path("my.tlog-proof").write_text(text)
    check(Path("my.tlog-proof"), KEY.verifier)
    Path("my.tlog-proof").write_text(text.replace(before, after))
    with pytest.raises(Fault) as refused:
        check(Path("my.tlog-proof"), KEY.verifier)
    assert str(refused.value).startswith(said)


def test_a_position_that_is_none_says_how_one_is_written() -> None:
    for text in ("4711", "meetings.2", "meetings.2.x", f"meetings.{2**31}.1", f"meetings.1.{2**63}"):
        with pytest.raises(Fault, match="write it like meetings"):
            position_of(text)


def test_what_cannot_be_proven_says_why(signing: Run, here: Run) -> None:
    for event, said in (
        ("members.0.1", "There is no service 'members': name one of meetings"),
        ("meetings.2.4", "There is no event meetings.2.4 (there are 3 events)"),
    ):
        refused = signing("prove", event)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.startswith(f"chibo: {said}"), refused.stderr
    without = here("checkpoint")
    assert without.returncode == 1
    assert without.stderr.startswith("chibo: The signing key is not here")


async def test_growth_is_proven_to_who_has_the_old_checkpoint_and_the_public_key(
    signing: Run, chibo: Run, pool: asyncpg.Pool, folder: Path
) -> None:
    signing("checkpoint", "--out", "october.txt")
    log = await EventLog.open(pool, "meetings")
    await log.append(write("meeting:1", 3, "một", "hai"), key=KEY_OF[2], command=order())
    made = signing("prove", "--checkpoint", "october.txt", "--out", "since.txt")
    assert (made.returncode, made.stderr) == (0, "")
    shown = chibo("verify", "--proof", "since.txt", "--checkpoint", "october.txt", "--key", PUBLIC)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "meetings: partition 2 went from 3 to 5 events, nothing before was changed" in shown.stdout.splitlines()
    await rewrite(pool, "UPDATE event SET data = data || ' ' WHERE position = 2")
    refused = signing("prove", "--checkpoint", "october.txt")
    assert refused.returncode == 1
    assert refused.stdout.startswith("meetings: partition 2 no longer begins with the 3 events that were signed")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("old 1", "old 2", "since.txt says nothing of chibo-"),
        ("old", "new", "since.txt is not a proof"),
        (to_base64(leaf_hash(b"b")), to_base64(leaf_hash(b"c")), "since.txt does not show that the log only grew"),
        ("\n2\n", "\n3\n", "since.txt, checkpoint 1: it names"),
        ("— ", "- ", "since.txt is not a proof"),
    ],
)
def test_growth_that_is_not_shown_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = leaf_hash(b"a"), leaf_hash(b"b")
    origin = f"{KEY.name}/meetings/0"
    Path("old.txt").write_text(KEY.sign(str(Checkpoint(origin, 1, first))))
    text = str(Growth(1, (second,), KEY.sign(str(Checkpoint(origin, 2, node_hash(first, second))))))
    assert before in text
    Path("since.txt").write_text(text)
    check_growth(Path("since.txt"), Path("old.txt"), KEY.verifier)
    Path("since.txt").write_text(text.replace(before, after))
    with pytest.raises(Fault) as refused:
        check_growth(Path("since.txt"), Path("old.txt"), KEY.verifier)
    assert str(refused.value).startswith(said)
