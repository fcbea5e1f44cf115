"""The files under ``/static``: few and small, so they are read at start, hashed and compressed once.

An address carries the hash of what it names (``/static/chibo.css?v=3fa9…``) and may be kept for ever.
When it names another release's content, as during a rolling upgrade, what is sent must not be kept.
"""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers, QueryParams
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    compressed: bytes
    media_type: str
    version: str  # 12 hex digits of the content's SHA-256


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    version = hashlib.sha256(content).hexdigest()[:12]
    return Asset(content, gzip.compress(content, mtime=0), _TYPES[path.suffix], version)


ASSETS: Final[dict[str, Asset]] = {
    path.name: _read(path) for path in sorted((Path(__file__).parent / "static").iterdir()) if path.suffix in _TYPES
}


def static_url(name: str) -> str:
    """The address of a file of ``shared/web/static``. KeyError when there is none."""
    return f"/static/{name}?v={ASSETS[name].version}"


async def static_files(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI, mounted at ``/static`` by every service."""
    name = scope["path"].rpartition("/")[2]
    asset = ASSETS.get(name) if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else None
    if asset is None:
        await PlainTextResponse("not found", status_code=404)(scope, receive, send)
        return
    asked = Headers(scope=scope)
    etag = f'"{asset.version}"'
    kept = QueryParams(scope["query_string"]).get("v") == asset.version
    headers = {"ETag": etag, "Vary": "Accept-Encoding", "Cache-Control": _FOR_EVER if kept else "no-cache"}
    if asked.get("if-none-match") == etag:
        await Response(status_code=304, headers=headers)(scope, receive, send)
        return
    content = asset.content
    if "gzip" in asked.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = asset.compressed, "gzip"
    await Response(content, media_type=asset.media_type, headers=headers)(scope, receive, send)
