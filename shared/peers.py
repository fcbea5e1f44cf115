"""How one service reaches another's internal side: feeds and keys, never tables."""

from collections.abc import Callable, Generator, Mapping
from types import TracebackType

import httpx

TokenSource = Callable[[str], str]
"""Given the audience, a fresh token with which this service proves itself to it."""


class ServiceToken(httpx.Auth):
    """Puts the service's own short-lived token on every request."""

    def __init__(self, source: TokenSource, audience: str) -> None:
        self.source, self.audience = source, audience

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self.source(self.audience)}"
        yield request


class Peers:
    """HTTP clients of the other services' internal sides, by service name.

    ``transports`` replaces the network for services that live in the same process (the embedded deployment).
    """

    def __init__(
        self,
        source: TokenSource,
        urls: Mapping[str, str],
        transports: Mapping[str, httpx.AsyncBaseTransport] | None = None,
    ) -> None:
        self._source = source
        self._urls = urls
        self._transports = transports if transports is not None else {}
        self._clients: dict[str, httpx.AsyncClient] = {}

    def client(self, service: str) -> httpx.AsyncClient:
        """The client of one service. Raises KeyError when the deployment names no address for it."""
        if service not in self._clients:
            transport = self._transports.get(service)
            self._clients[service] = httpx.AsyncClient(
                base_url="http://" + service if transport is not None else self._urls[service],
                transport=transport,
                auth=ServiceToken(self._source, service),
                timeout=httpx.Timeout(10.0, connect=3.0),
            )
        return self._clients[service]

    async def __aenter__(self) -> "Peers":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()
