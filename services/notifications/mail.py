"""Sending: the worker that empties the delivery table over SMTP."""

import asyncio
from contextlib import suppress
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import aiosmtplib
import asyncpg

from services.notifications import deliveries
from services.notifications.deliveries import Due
from shared.context import Context
from shared.http.texts import RuleTexts
from shared.privacy import Erased
from shared.telemetry import metrics
from shared.telemetry.log import get_logger

log = get_logger(__name__)

FINDINGS = RuleTexts(Path(__file__).with_name("findings.toml"))
IDLE = 30.0  # seconds between looks when nothing wakes the worker: back-off times are minutes


def say(rule: str, organisation: str, params: dict[str, str], locale: str) -> str:
    """The sentence of a finding; months and dates are written as the reader's language writes them."""
    shown = dict(params)
    if "period" in shown:
        year, month = shown["period"].split("-")
        shown["period"] = f"{int(month)}/{year}" if locale == "en" else f"tháng {int(month)}/{year}"
    if "window_end" in shown:
        shown["window_end"] = f"{date.fromisoformat(shown['window_end']):%d/%m/%Y}"
    return FINDINGS[rule].say(locale, {"organisation": organisation, **shown})


def message_of(due: Due, address: str, sender: str, public_url: str) -> EmailMessage:
    """The mail: that something awaits, about which organisation, and where to read it. No content of a meeting."""
    sentence = say(due.rule, due.organisation_name, due.params, "vi")
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = address
    mail["Subject"] = sentence
    mail["Message-ID"] = f"<{due.delivery}@chibo>"  # the same on every attempt: a receiver can drop the double
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{sentence}\n\nXem tại: {public_url}{due.link}\n\nThư tự động, xin không trả lời.\n")
    return mail


async def send(mail: EmailMessage, smtp_url: str) -> None:
    """Hand a mail to the SMTP server of ``smtp://user:password@host:port`` (``smtps://`` for TLS from the start)."""
    where = urlsplit(smtp_url)
    await aiosmtplib.send(
        mail,
        hostname=where.hostname or "127.0.0.1",
        port=where.port or (465 if where.scheme == "smtps" else 25),
        username=where.username,
        password=where.password,
        use_tls=where.scheme == "smtps",
        start_tls=None,
        timeout=15,
    )


async def send_one(ctx: Context, connection: asyncpg.Connection) -> bool:
    """Send the next due message and note how it went. False when none is due."""
    assert ctx.settings.smtp_url is not None  # without an SMTP server the worker does not run
    due = await deliveries.claim(connection, ctx.clock())
    if due is None:
        return False
    (address,) = await ctx.keyring.open_many([(due.member, due.email)], field="email")
    if not isinstance(address, str):  # an erased person is told nothing more; an unknown key may be known later
        gone = isinstance(address, Erased)
        state = await deliveries.not_sent(connection, due, ctx.clock(), type(address).__name__, final=gone)
    else:
        mail = message_of(due, address, ctx.settings.mail_from, ctx.settings.public_url)
        try:
            await send(mail, ctx.settings.smtp_url.get_secret_value())
        except aiosmtplib.SMTPRecipientsRefused as error:
            state = await deliveries.not_sent(connection, due, ctx.clock(), type(error).__name__, final=True)
        except (aiosmtplib.SMTPException, OSError) as error:
            state = await deliveries.not_sent(connection, due, ctx.clock(), type(error).__name__, final=False)
        else:
            await deliveries.sent(connection, due, ctx.clock())
            state = "sent"
    metrics.DELIVERIES.labels(state).inc()
    return True


async def deliver_due(ctx: Context) -> int:
    """Send everything that is due now. Returns how many attempts were made."""
    await deliveries.expand(ctx.pool, ctx.clock())
    attempts = 0
    while True:
        async with ctx.pool.acquire() as connection, connection.transaction():
            if not await send_one(ctx, connection):
                return attempts
        attempts += 1


async def run(ctx: Context) -> None:
    """The worker: woken when a finding is made, and now and then for what waits on its back-off."""
    if ctx.settings.smtp_url is None:
        log.info("no SMTP server is set (CHIBO_SMTP_URL): findings go to the inbox only")
        return
    for state in ("sent", "pending", "failed"):
        metrics.DELIVERIES.labels(state)  # an alert sees a counter rise only if it was there before
    woken = asyncio.Event()

    def wake(_payload: str) -> None:
        woken.set()

    ctx.hub.add(deliveries.WAKE, wake)
    try:
        while True:
            woken.clear()
            try:
                await deliver_due(ctx)
            except (asyncpg.PostgresError, OSError) as error:
                log.warning("deliveries wait", fault=repr(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), IDLE)
    finally:
        ctx.hub.remove(deliveries.WAKE, wake)
