"""A TCP proxy before PostgreSQL that cuts a connection at a chosen moment of the message that carries a marker."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit, urlunsplit

READY = b"Z\x00\x00\x00\x05I"  # ReadyForQuery, not in a transaction: the server has committed

Moment = Literal["before", "after", "meanwhile"]


class CuttingProxy:
    """``before``: the server never sees the message. ``after``: it has committed, its answer is lost.

    ``meanwhile``: the message has been passed on, and nobody waits for the answer.
    """

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._cut: tuple[bytes, Moment] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.cuts = 0
        self.up = True

    @property
    def url(self) -> str:
        port = self._listener.sockets[0].getsockname()[1]
        credentials, _, _ = self._parts.netloc.rpartition("@")
        return urlunsplit(self._parts._replace(netloc=f"{credentials}@127.0.0.1:{port}", query=""))

    def cut(self, moment: Moment, marker: str) -> None:
        """Cut once, when the client sends a message that contains ``marker``."""
        self._cut = (marker.encode(), moment)

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.up:
            writer.transport.abort()
            return
        upstream, to_server = await self._server()
        answers = asyncio.create_task(_pump(upstream, writer))
        requests = asyncio.create_task(_pump(reader, to_server, self._watch(upstream, to_server, answers)))
        self._tasks |= {answers, requests}
        try:
            await requests
        finally:
            answers.cancel()
            writer.transport.abort()
            to_server.transport.abort()

    async def _server(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        asked = parse_qs(self._parts.query)
        if "host" in asked:  # a folder with a Unix socket
            return await asyncio.open_unix_connection(f"{asked['host'][0]}/.s.PGSQL.{asked['port'][0]}")
        return await asyncio.open_connection(self._parts.hostname, self._parts.port)

    def _watch(
        self, upstream: asyncio.StreamReader, to_server: asyncio.StreamWriter, answers: asyncio.Task[None]
    ) -> Callable[[bytes], Awaitable[bool]]:
        async def watch(sent: bytes) -> bool:
            if self._cut is None or self._cut[0] not in sent:
                return True
            (_, moment), self._cut = self._cut, None
            self.cuts += 1
            if moment == "after":
                answers.cancel()
                await asyncio.gather(answers, return_exceptions=True)
            if moment != "before":
                to_server.write(sent)
                await to_server.drain()
            if moment == "after":
                await upstream.readuntil(READY)
            return False

        return watch


async def _pump(
    source: asyncio.StreamReader,
    target: asyncio.StreamWriter,
    watch: Callable[[bytes], Awaitable[bool]] | None = None,
) -> None:
    while sent := await source.read(65536):
        if watch is not None and not await watch(sent):
            return
        target.write(sent)
        await target.drain()
    target.close()
