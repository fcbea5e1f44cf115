"""`chibo checkpoint` and `chibo prove`: what others keep outside, so that nobody can rewrite the log unnoticed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.local.cli.logs import Logs, Signed, checkpoints, deployments_key, misfits, whose, with_logs, write
from deploy.local.cli.options import DATA, DataDir
from deploy.local.fault import Fault, say

if TYPE_CHECKING:
    from shared.eventlog import Misfit, Position

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
    event: Annotated[str | None, typer.Argument(help="Position of the event, such as meetings.2.4711.")] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="Prove the event by the checkpoint in this file, not by one signed now;"
            " without an event: prove that the logs only grew since."
        ),
    ] = None,
    out: Out = None,
    data: DataDir = DATA,
) -> None:
    """Prove one event, or growth since a checkpoint, to somebody who has nothing but the public key, in one file."""
    if event is not None:
        at = position_of(event)
        with_logs(data, lambda logs: _prove_event(logs, at, checkpoint, out))
    elif checkpoint is not None:
        earlier = checkpoint
        with_logs(data, lambda logs: _prove_growth(logs, earlier, out))
    else:
        raise Fault("prove.what")


async def _prove_event(logs: Logs, at: "Position", checkpoint: Path | None, out: Path | None) -> None:
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
            raise _broken(at.service, misfit) from None
    if signed is None:
        note = signer.sign(str(Checkpoint(str(Log(signer.name, at.service, at.partition)), found.size, found.root)))
    elif signed.checkpoint.root == found.root:
        note = signed.note
    else:
        raise _other_log(signed, checkpoint)
    write(out, str(Proof(found.entry, at.position - 1, found.path, note)))
    if out is not None:
        print(say("prove.done", what=at, path=out, how=f"--key {signer.verifier}"))


async def _prove_growth(logs: Logs, checkpoint: Path, out: Path | None) -> None:
    """Nothing is signed that does not continue what was signed before."""
    from shared.eventlog import Misfit
    from shared.transparency.checkpoint import Checkpoint, join_notes
    from shared.transparency.growth import Growth

    signer, grown = logs.signer(), []
    for one in checkpoints(checkpoint, signer.verifier):
        service, partition, size = one.log.service, one.log.partition, one.checkpoint.size
        if service not in logs.services:
            raise Fault("service.unknown", service=service, known=", ".join(logs.services))
        async with logs.open(service) as (log, progress):
            try:
                found = await log.prove_growth(partition, size, progress)
            except LookupError:
                there = (await log.heads()).get(partition, 0)
                print(say("checkpoint.shrunk", service=service, partition=partition, size=size, there=there))
                raise Fault("checkpoint.broken", path=checkpoint) from None
            except Misfit as misfit:
                raise _broken(service, misfit) from None
        if found.old_root != one.checkpoint.root:
            raise _other_log(one, checkpoint)
        note = signer.sign(str(Checkpoint(str(one.log), found.size, found.root)))
        grown.append(str(Growth(size, found.path, note)))
    write(out, join_notes(grown))
    if out is not None:
        print(say("prove.done", what=checkpoint, path=out, how=f"--checkpoint {checkpoint} --key {signer.verifier}"))


def _broken(service: str, misfit: "Misfit") -> Fault:
    print(*misfits(service, [misfit.broken]))
    return Fault("verify.broken")


def _other_log(signed: Signed, file: Path | None) -> Fault:
    where = {"service": signed.log.service, "partition": signed.log.partition}
    print(say("checkpoint.rewritten", **where, size=signed.checkpoint.size))
    return Fault("checkpoint.broken", path=file)


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
