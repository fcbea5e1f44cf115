"""Headers every answer carries."""

from typing import Final

from starlette.types import Scope

POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_SENT: Final = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


def guarding(_scope: Scope, told: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Those of `HEADERS` that the answer has not set itself; what says nothing of caching is not kept."""
    own = {name for name, _ in told}
    return [header for header in _SENT if header[0] not in own]
