"""`chibo checkpoint` and `chibo prove`: what others keep outside, so that nobody can rewrite the log unnoticed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.local.cli.logs import Logs, Signed, checkpoints, deployments_key, misfits, whose, with_logs, write
from deploy.local.cli.options import DATA, DataDir
from deploy.local.fault import Fault, say

if TYPE_CHECKING:
    from shared.eventlog import Position

Out = Annotated[Path | None, typer.Option(help="Write into this new file instead of to the terminal.")]


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: chibo checkpoint --out 2026-10-31.txt")(checkpoint)
    app.command(epilog="Example: chibo prove meetings.2.4711 --out meetings.2.4711.tlog-proof")(prove)


def checkpoint(
    out: Out = None,
    key: Annotated[bool, typer.Option("--key", help="Only print the public key that checks the signatures.")] = False,
    data: DataDir = DATA,
) -> None:
    """Verify every log and sign how many events it has and the root over them: to be kept outside the deployment."""
    if key:
        print(whose(None, lambda: deployments_key(data)))
        return

    async def run(logs: Logs) -> None:
        from shared.eventlog.checkpoints import Log
        from shared.transparency.checkpoint import Checkpoint, join_notes

        signer = logs.signer()
        notes, events = [], 0
        for service in logs.services:
            async with logs.open(service) as (log, progress):
                found = await log.verify(progress)
            if found.broken:
                for line in misfits(service, found.broken):
                    print(line)
                raise Fault("verify.broken")
            for partition, size in found.events.items():
                origin = str(Log(signer.name, service, partition))
                notes.append(signer.sign(str(Checkpoint(origin, size, found.roots[partition, size]))))
                events += size
        write(out, join_notes(notes))
        if out is not None:
            print(say("checkpoint.done", path=out, notes=len(notes), events=events))

    with_logs(data, run)


def prove(
    event: Annotated[str, typer.Argument(help="Position of the event, such as meetings.2.4711.")],
    checkpoint: Annotated[
        Path | None, typer.Option(help="Prove it by the checkpoint in this file; otherwise one is signed now.")
    ] = None,
    out: Out = None,
    data: DataDir = DATA,
) -> None:
    """Prove one event to somebody who has nothing but the public key: event, path and signed checkpoint in one file."""
    at = position_of(event)

    async def run(logs: Logs) -> None:
        from shared.eventlog import Misfit
        from shared.eventlog.checkpoints import Log
        from shared.transparency.checkpoint import Checkpoint
        from shared.transparency.proof import Proof

        if at.service not in logs.services:
            raise Fault("service.unknown", service=at.service, known=", ".join(logs.services))
        signer = logs.signer()
        signed = None if checkpoint is None else _covering(checkpoint, checkpoints(checkpoint, signer.verifier), at)
        async with logs.open(at.service) as (log, progress):
            try:
                found = await log.prove(at, None if signed is None else signed.checkpoint.size, progress)
            except LookupError as error:
                raise Fault("prove.none", event=at, reason=error) from None
            except Misfit as misfit:
                print(*misfits(at.service, [misfit.broken]))
                raise Fault("verify.broken") from None
        if signed is None:
            note = signer.sign(str(Checkpoint(str(Log(signer.name, at.service, at.partition)), found.size, found.root)))
        elif signed.checkpoint.root == found.root:
            note = signed.note
        else:
            where = {"service": at.service, "partition": at.partition}
            print(say("checkpoint.rewritten", **where, size=found.size, there=found.size))
            raise Fault("checkpoint.broken", path=checkpoint)
        write(out, str(Proof(found.entry, at.position - 1, found.path, note)))
        if out is not None:
            print(say("prove.done", event=at, path=out, key=signer.verifier))

    with_logs(data, run)


def position_of(text: str) -> "Position":
    """Raises `Fault`."""
    from shared.eventlog import Position

    try:
        at = Position.parse(text)
    except ValueError:
        raise Fault("prove.form", event=text) from None
    if at.partition >= 2**31 or at.position >= 2**63:
        raise Fault("prove.form", event=text)
    return at


def _covering(file: Path, signed: list[Signed], at: "Position") -> Signed:
    """The earliest that covers the event: that is what says longest since when it stands. Raises `Fault`."""
    theirs = [one for one in signed if (one.log.service, one.log.partition) == (at.service, at.partition)]
    covering = [one for one in theirs if one.checkpoint.size >= at.position]
    if not covering:
        raise Fault("prove.not_covered", event=at, path=file)
    return min(covering, key=lambda one: one.checkpoint.size)
