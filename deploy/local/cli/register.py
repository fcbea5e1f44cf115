"""The members register from a terminal: the first organisation and account, a roster, the end of a person's data."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.local.cli.inside import Contexts, operator, with_contexts
from deploy.local.cli.options import DATA, DataDir
from deploy.local.fault import Fault, language, say

if TYPE_CHECKING:
    from shared.context import Context
    from shared.eventlog import Command

imports = typer.Typer(help="Take in what others wrote down.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.command(epilog='Example: chibo begin "Đảng bộ xã" --login admin')(begin)
    app.command(epilog='Example: chibo erase 01J… --reason "asked for on 2026-11-20"')(erase)
    imports.command("roster", epilog="Example: chibo import roster danh-sach.xlsx --dry-run")(roster)
    app.add_typer(imports, name="import")


def begin(
    name: Annotated[str, typer.Argument(help="Name of the first organisation, the root of the tree.")],
    login: Annotated[str, typer.Option(help="Login name of the operator's account.")] = "admin",
    kind: Annotated[str, typer.Option(help="central_bloc, superior_committee or grassroots_committee.")] = (
        "grassroots_committee"
    ),
    data: DataDir = DATA,
) -> None:
    """Establish the first organisation and open an account for whoever will set up the rest."""

    async def run(contexts: Contexts) -> None:
        from services.members.access import accounts
        from services.members.domain.account import OpenAccount
        from services.members.domain.office import AssignOffice
        from services.members.register import organisations
        from services.members.register.desk import desk_of
        from shared.events.members import Office, OrganisationKind, Sector
        from shared.ids import new_id

        if kind not in list(OrganisationKind):
            raise Fault("begin.kind", kind=kind, known=", ".join(OrganisationKind))
        ctx = _members(contexts)
        if await ctx.pool.fetchval("SELECT EXISTS (SELECT FROM credential)"):
            raise Fault("begin.begun")
        desk, command, root, account = desk_of(ctx), _command(), new_id(), new_id()
        await organisations.establish(
            desk,
            command,
            parent=None,
            kind=OrganisationKind(kind),
            sector=Sector.OTHER,
            name=name,
            effective_on=desk.today,
            organisation=root,
        )
        await accounts.open_account(ctx, OpenAccount(account, root), login, command)
        order = AssignOffice(new_id(), root, account, Office.OPERATOR, desk.today, by_operator=True)
        await accounts.assign_office(ctx, order, command)
        password = secrets.token_urlsafe(12)
        await accounts.set_password(ctx, account, password)
        print(say("begin.done", name=name, login=login, password=password))

    with_contexts(data, run, at_work=True)


def erase(
    member: Annotated[str, typer.Argument(help="Id of the member, as the register shows it.")],
    reason: Annotated[str, typer.Option(help="Why; kept for ever.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: DataDir = DATA,
) -> None:
    """Destroy a person's key: their data is gone everywhere, for ever; the log stays whole and verifies."""

    async def run(contexts: Contexts) -> None:
        from services.members.register import people
        from services.members.register.desk import desk_of

        await people.erase(desk_of(_members(contexts)), _command(), member, reason=reason)
        print(say("erase.done", member=member))

    if not yes:
        typer.confirm(say("erase.sure", member=member), abort=True)
    with_contexts(data, run, at_work=True)


def roster(
    file: Annotated[Path, typer.Argument(help="A workbook with a row a member.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    data: DataDir = DATA,
) -> None:
    """Admit the members of an .xlsx roster; every bad row is named with its reason, no good one is lost."""

    async def run(contexts: Contexts) -> None:
        from rich.progress import Progress

        from services.members.imports.roster import check, take_in
        from services.members.register.desk import desk_of

        ctx, content = _members(contexts), file.read_bytes()
        desk = desk_of(ctx)
        roots = await ctx.pool.fetch("SELECT id FROM view_organisations.organisation WHERE parent IS NULL")
        everywhere = [row["id"] for row in roots]
        if dry_run:
            report = await check(desk, content, everywhere)
        else:
            with Progress(transient=True) as progress:
                bar = progress.add_task(file.name, total=None)
                report, _ = await take_in(
                    desk,
                    _command(),
                    content,
                    everywhere,
                    progress=lambda done, total: progress.update(bar, completed=done, total=total),
                )
        for bad in report.bad:
            reasons = "; ".join(reason.say(language()) for reason in bad.reasons)
            print(say("roster.bad", number=bad.row.number, reasons=reasons))
        counts = {"good": len(report.good), "known": len(report.known), "bad": len(report.bad)}
        print(say("roster.would", **counts) if dry_run else say("roster.done", **counts))
        if report.bad:
            raise typer.Exit(1)

    with_contexts(data, run, at_work=True)


def _members(contexts: Contexts) -> "Context":
    if "members" not in contexts:
        raise Fault("members.elsewhere")
    return contexts["members"]


def _command() -> "Command":
    from shared.eventlog import Command
    from shared.ids import new_id

    return Command(actor=operator(), correlation=new_id())
