"""What every stream of live changes begins with."""

from sse_starlette import ServerSentEvent

from shared.streams.hub import Hub


def ready(hub: Hub, seen: str | None) -> ServerSentEvent:
    """From here on nothing is missed; ``{"missed": true}`` when something may have been since the page was made.

    ``seen`` is the `Hub.seen` of before the page read what it shows; another replica's is as good as none.
    """
    missed = seen is not None and seen != hub.seen
    return ServerSentEvent('{"missed":true}' if missed else "{}", event="ready")
