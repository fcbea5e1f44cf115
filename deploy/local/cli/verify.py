"""`chibo verify`: is the log what it was? By itself, against a checkpoint kept outside, or one event by its proof."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.local.cli.logs import Logs, Signed, checkpoints, deployments_key, disbelief, misfits, read, whose, with_logs
from deploy.local.cli.options import DATA, DataDir
from deploy.local.fault import Fault, say

if TYPE_CHECKING:
    from shared.eventlog import Verification
    from shared.transparency.note import VerifierKey

Key = Annotated[
    str | None,
    typer.Option(help="Public key of the deployment, or a file that holds it (`chibo checkpoint --key`)."),
]


ANSWERS = {"shrunk": "checkpoint.shrunk", "rewritten": "checkpoint.rewritten"}


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: chibo verify --checkpoint 2026-10-31.txt --key chibo.key")(verify)


def verify(
    checkpoint: Annotated[
        Path | None, typer.Option(help="Also check that the log still begins as it did then; - is standard input.")
    ] = None,
    proof: Annotated[
        Path | None,
        typer.Option(help="Only check this proof, of an event or (with --checkpoint) of growth since: no database."),
    ] = None,
    key: Key = None,
    data: DataDir = DATA,
) -> None:
    """Recompute every event's hash and name the first of each partition that does not fit (then exit code 1)."""
    if proof is not None:
        trusted = whose(key, lambda: deployments_key(data))
        if checkpoint is None:
            check(proof, trusted)
        else:
            check_growth(proof, checkpoint, trusted)
        return

    async def run(logs: Logs) -> None:
        signed = [] if checkpoint is None else checkpoints(checkpoint, whose(key, lambda: logs.key))
        whole, held = True, True
        for service in logs.services:
            theirs = [one for one in signed if one.log.service == service]
            sizes = {one.log.partition: [s.checkpoint.size for s in theirs if s.log == one.log] for one in theirs}
            async with logs.open(service) as (log, progress):
                found = await log.verify(progress, sizes)
            for line in misfits(service, found.broken):
                whole = False
                print(line)
            if not found.broken:
                print(say("verify.whole", service=service, events=sum(found.events.values())))
            if checkpoint is not None:
                held = _compare(service, theirs, found) and held
        for service in sorted({one.log.service for one in signed} - set(logs.services)):
            print(say("checkpoint.not_here", service=service))
        if not whole:
            raise Fault("verify.broken")
        if not held:
            raise Fault("checkpoint.broken", path=checkpoint)

    with_logs(data, run)


def _compare(service: str, signed: list[Signed], found: "Verification") -> bool:
    """Whether the log still begins with what was signed; says where it does not."""
    from shared.eventlog.checkpoints import answer

    held = True
    for one in signed:
        partition, size = one.log.partition, one.checkpoint.size
        if (said := answer(one.checkpoint, partition, found)) != "holds":
            held = False
            there = found.events.get(partition, 0)
            print(say(ANSWERS[said], service=service, partition=partition, size=size, there=there))
    if silent := sorted(set(found.events) - {one.log.partition for one in signed}):
        print(say("checkpoint.silent", service=service, partitions=", ".join(map(str, silent))))
    if held and signed:
        print(say("checkpoint.holds", service=service, notes=len(signed)))
    return held


def check(file: Path, key: "VerifierKey") -> None:
    """Show the event that the proof in ``file`` is of. Raises `Fault` when it proves nothing."""
    from shared.eventlog.checkpoints import proven
    from shared.transparency.note import Malformed, NoteError
    from shared.transparency.proof import Proof

    try:
        event, signed = proven(Proof.parse(read(file)), key)
    except Malformed as error:
        raise Fault("proof.garbled", path=file, reason=error) from None
    except NoteError as error:
        raise disbelief(error, file, key) from None
    at = f"{event.service}.{event.partition}.{event.position}"
    print(say("proof.holds", event=at, name=key.name, size=signed.size))
    print(f"{event.type} v{event.schema}  {event.stream}:{event.version}  {event.recorded_at.isoformat()}")
    print(event.metadata.decode())
    print(event.data.decode())


def check_growth(file: Path, checkpoint: Path, key: "VerifierKey") -> None:
    """Show how far the logs grew since ``checkpoint`` by the proofs in ``file``. Raises `Fault` when one did not."""
    from shared.transparency.growth import split_growths
    from shared.transparency.note import Malformed, NoteError

    earlier = checkpoints(checkpoint, key)
    try:
        grown = {(growth.origin, growth.old): growth for growth in split_growths(read(file))}
        for one in earlier:
            before = one.checkpoint
            if (growth := grown.get((before.origin, before.size))) is None:
                raise Fault("growth.missing", path=file, origin=before.origin, size=before.size)
            now = growth.check(before, key)
            print(
                say(
                    "growth.holds", service=one.log.service, partition=one.log.partition, old=before.size, size=now.size
                )
            )
    except Malformed as error:
        raise Fault("proof.garbled", path=file, reason=error) from None
    except NoteError as error:
        raise disbelief(error, file, key) from None
