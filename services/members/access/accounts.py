"""Opening, closing and using accounts: where the log's facts and the tables of logging in change together."""

import asyncpg

from services.members.access import passwords
from services.members.access.sessions import Lifetimes, SessionStore, end_all
from services.members.access.throttle import Attempt
from services.members.domain import account, office
from shared.auth.cookies import Granted
from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.clock import vietnam_date
from shared.commands import Aggregate, execute
from shared.context import Context
from shared.eventlog import Appended, Command
from shared.organisations import is_within_any
from shared.privacy import MasterKey
from shared.refusal import Refused, require

ACCOUNT = Aggregate("account", account.EMPTY, account.decide, account.evolve)
OFFICES = Aggregate("office", office.EMPTY, office.decide, office.evolve)


def master_of(ctx: Context) -> MasterKey:
    """Raises RuntimeError when this deployment gave members no master key."""
    if ctx.settings.master_key is None:
        raise RuntimeError("members needs CHIBO_MASTER_KEY: 32 bytes in base64url")
    return MasterKey(ctx.settings.master_key.get_secret_value())


def store_of(ctx: Context) -> SessionStore:
    return SessionStore(ctx.pool, master_of(ctx), Lifetimes.of(ctx.settings))


async def open_account(ctx: Context, order: account.OpenAccount, login: str, command: Command) -> Appended:
    """The fact and the login name, in one transaction. The password is set by `set_password`: it is nobody's fact."""
    name, now = passwords.normal_login(login), ctx.clock()
    require(name != "", "account.login_given")
    if command.key is not None and (answered := await ctx.log.find(command)) is not None:
        return answered
    try:
        async with ctx.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO credential (account, organisation, member, login, opened_at, changed_at)"
                " VALUES ($1, $2, $3, $4, $5, $5)",
                order.account,
                order.organisation,
                order.member,
                name,
                now,
            )
            return await execute(
                ctx.log,
                ACCOUNT,
                order.account,
                order,
                key=order.organisation,
                command=command,
                answer={"account": order.account},
                connection=connection,
            )
    except asyncpg.UniqueViolationError as error:
        if command.key is not None and (answered := await ctx.log.find(command)) is not None:
            return answered
        rule = "account.opened_once" if error.constraint_name == "credential_pkey" else "account.login_free"
        raise Refused(rule) from error


async def close_account(ctx: Context, id: str, order: account.CloseAccount, command: Command) -> Appended:
    """Nobody logs in with it from now on, and whoever is logged in is logged out when the access token ends.

    Not one's own: whoever manages accounts would lock the door behind them.
    """
    require(command.actor != id, "account.not_own")
    organisation = await organisation_of_account(ctx, id)
    if organisation is None:
        if command.key is not None and (answered := await ctx.log.find(command)) is not None:
            return answered
        raise Refused("account.open")
    async with ctx.pool.acquire() as connection, connection.transaction():
        return await _close(ctx, connection, id, organisation, order, command)


async def close_accounts_of(
    ctx: Context, connection: asyncpg.Connection, member: str, order: account.CloseAccount, command: Command
) -> None:
    """As `close_account`, in the caller's transaction, every account a person logs in with."""
    held = await connection.fetch(
        "SELECT account, organisation FROM credential WHERE member = $1 ORDER BY account FOR UPDATE", member
    )
    for row in held:
        await _close(ctx, connection, row["account"], row["organisation"], order, command)


async def _close(
    ctx: Context, connection: asyncpg.Connection, id: str, organisation: str, order: account.CloseAccount,
    command: Command,
) -> Appended:  # fmt: skip
    await connection.execute("DELETE FROM credential WHERE account = $1", id)
    await end_all(connection, id, ctx.clock(), "account closed")
    return await execute(ctx.log, ACCOUNT, id, order, key=organisation, command=command, connection=connection)


async def assign_office(ctx: Context, order: office.AssignOffice, command: Command) -> Appended:
    return await execute(
        ctx.log,
        OFFICES,
        order.organisation,
        order,
        key=order.organisation,
        command=command,
        answer={"assignment": order.assignment},
    )


async def end_office(ctx: Context, organisation: str, order: office.EndOffice, command: Command) -> Appended:
    return await execute(ctx.log, OFFICES, organisation, order, key=organisation, command=command)


async def operates(ctx: Context, actor: Actor, organisation: str) -> bool:
    """Whether ``actor`` may assign the offices that watch over the others."""
    return await is_within_any(ctx.pool, organisation, actor.organisations(*PERMISSIONS["office.assign_guards"]))


async def manages(ctx: Context, actor: Actor, id: str) -> bool:
    """Whether ``actor`` may set the password of an account or close it, besides managing its organisation's accounts.

    Who sets a password can act as its owner: so only who may assign every office the account holds.
    """
    held = await ctx.pool.fetch(
        "SELECT office, organisation FROM view_roster.office"
        " WHERE account = $1 AND (until_on IS NULL OR until_on > $2)",
        id,
        vietnam_date(ctx.clock()),
    )
    for row in held:
        action = "office.assign_guards" if row["office"] in office.ASSIGNED_BY_OPERATOR else "office.assign"
        if not await is_within_any(ctx.pool, row["organisation"], actor.organisations(*PERMISSIONS[action])):
            return False
    return True


async def organisation_of_account(ctx: Context, id: str) -> str | None:
    """The organisation an open account belongs to."""
    found: str | None = await ctx.pool.fetchval("SELECT organisation FROM credential WHERE account = $1", id)
    return found


async def set_password(ctx: Context, id: str, password: str) -> None:
    """Set a password and end every login that was begun with the old one."""
    login = await ctx.pool.fetchval("SELECT login FROM credential WHERE account = $1", id)
    require(login is not None, "account.open")
    passwords.require_password(password, login)
    hashed, now = await passwords.hashed(password), ctx.clock()
    async with ctx.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE credential SET password_hash = $2, changed_at = $3 WHERE account = $1", id, hashed, now
        )
        await end_all(connection, id, now, "password changed")


async def change_password(ctx: Context, id: str, present: str, password: str, address: str) -> None:
    """As `set_password`, by the person, who must know the present one; guessing it is throttled like a login."""
    login = await ctx.pool.fetchval("SELECT login FROM credential WHERE account = $1", id)
    await _check(ctx, login or "", present, address)
    await set_password(ctx, id, password)


async def log_in(ctx: Context, login: str, password: str, address: str) -> Granted:
    """Raises `Refused`: ``login.refused`` for any wrong pair alike, ``login.throttled`` while one has to wait."""
    row = await _check(ctx, passwords.normal_login(login), password, address)
    return await store_of(ctx).begin(row["account"], row["member"], ctx.clock())


async def _check(ctx: Context, login: str, password: str, address: str) -> asyncpg.Record:
    attempt = Attempt(ctx.pool, master_of(ctx), login, address)
    await attempt.count(ctx.clock())
    row = await ctx.pool.fetchrow("SELECT account, member, password_hash FROM credential WHERE login = $1", login)
    stored: str | None = row["password_hash"] if row is not None else None
    if not await passwords.matches(stored, password) or row is None or stored is None:
        raise Refused("login.refused")
    await attempt.forgive()
    if passwords.is_outdated(stored):
        await ctx.pool.execute(
            "UPDATE credential SET password_hash = $2 WHERE account = $1 AND password_hash = $3",
            row["account"],
            await passwords.hashed(password),
            stored,
        )
    return row
