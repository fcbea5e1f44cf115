"""What members does when its own events arrive: whoever was erased logs in no more."""

from typing import Final

import asyncpg

from services.members.access.accounts import close_accounts_of
from services.members.domain.account import CloseAccount
from shared.context import Context
from shared.eventlog import Command, Recorded
from shared.events.members import PersonErased
from shared.streams import Policy

ERASED: Final = "Đã xóa dữ liệu cá nhân của người dùng tài khoản"

accounts_of_the_erased = Policy("accounts_of_the_erased", sources=("members",))


@accounts_of_the_erased.on(PersonErased)
async def close(ctx: Context, connection: asyncpg.Connection, e: Recorded[PersonErased]) -> None:
    """The person's accounts are closed and their logins ended: a login name is personal, and nobody is left to log in.

    The accounts may lie in other partitions than the erasure, so it cannot be one append.
    """
    command = Command(actor="system:accounts_of_the_erased", correlation=e.metadata.correlation, causation=str(e.at))
    await close_accounts_of(ctx, connection, e.data.member, CloseAccount(ERASED), command)
