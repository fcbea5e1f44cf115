"""Where logins come from: members issues and renews them; every other service asks it."""

from typing import Any, Final, Protocol

import httpx

from shared.auth.cookies import Granted
from shared.peers import Peers

JWKS_PATH: Final = "/internal/jwks"
RENEW_PATH: Final = "/internal/session/refresh"


class SessionsUnreachable(ConnectionError):
    """members cannot be asked just now."""


class Sessions(Protocol):
    async def jwks(self) -> dict[str, Any]:
        """The public keys (RFC 7517). Raises `SessionsUnreachable`."""
        ...

    async def renew(self, refresh: str) -> Granted | None:
        """The successor of a refresh token, None when it is no good any more. Raises `SessionsUnreachable`."""
        ...


class RemoteSessions:
    """Asks members over its internal side."""

    def __init__(self, peers: Peers) -> None:
        self._client = peers.client("members")

    async def jwks(self) -> dict[str, Any]:
        keys: dict[str, Any] = (await self._ask("GET", JWKS_PATH)).json()
        return keys

    async def renew(self, refresh: str) -> Granted | None:
        answer = await self._ask("POST", RENEW_PATH, {"refresh": refresh})
        return Granted.from_json(answer.json()) if answer.status_code == httpx.codes.OK else None

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        try:
            answer = await self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise SessionsUnreachable(str(error)) from error
        if answer.is_server_error:
            raise SessionsUnreachable(f"{path} answers {answer.status_code}")
        return answer
