"""The reader's language: Vietnamese is the text in the code, English is looked up in ``.po`` files read at start."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any, Final

from babel.messages.pofile import read_po
from starlette.types import ASGIApp, Receive, Scope, Send

LANGUAGES: Final = ("vi", "en")
COOKIE: Final = "chibo_lang"

_language: ContextVar[str] = ContextVar("language", default="vi")
_english: dict[str, tuple[str, ...]] = {}  # msgid -> its forms: one, or (singular, plural)


def language() -> str:
    """The language of whoever is being answered: ``vi`` or ``en``."""
    return _language.get()


def language_of(cookies: str) -> str:
    """The language a request's ``Cookie`` header asks for."""
    if COOKIE not in cookies:
        return "vi"
    jar: SimpleCookie = SimpleCookie()
    with suppress(CookieError):
        jar.load(cookies)
    chosen = jar[COOKIE].value if COOKIE in jar else ""
    return chosen if chosen in LANGUAGES else "vi"


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Within the block texts are in ``chosen``; for mails and documents written outside a request."""
    token = _language.set(chosen if chosen in LANGUAGES else "vi")
    try:
        yield
    finally:
        _language.reset(token)


def catalog_from(path: Path) -> None:
    """Adds the English texts of one ``en.po``."""
    with path.open("rb") as file:
        for message in read_po(file, locale="en"):
            if not message.id or not message.string or message.fuzzy:
                continue
            msgid = message.id if isinstance(message.id, str) else message.id[0]
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
            if all(forms):
                _english[msgid] = forms


def _(msgid: str, **params: Any) -> str:
    """The text in the reader's language; ``{name}`` is filled from ``params``."""
    text = _english.get(msgid, (msgid,))[0] if language() == "en" else msgid
    return text.format(**params) if params else text


def ngettext(msgid: str, n: int, **params: Any) -> str:
    """Like `_` for a text that counts ``{n}``: Vietnamese has one form, English two."""
    text = msgid
    if language() == "en":
        forms = _english.get(msgid, (msgid,))
        text = forms[0] if n == 1 else forms[-1]
    return text.format(n=n, **params)


class Lazy:
    """A text named at import and translated when it is shown."""

    __slots__ = ("msgid",)

    def __init__(self, msgid: str) -> None:
        self.msgid = msgid

    def __str__(self) -> str:
        return _(self.msgid)

    def __repr__(self) -> str:
        return f"lazy({self.msgid!r})"


def lazy(msgid: str) -> Lazy:
    return Lazy(msgid)


class ReaderLanguage:
    """ASGI: sets the language of a request from its ``chibo_lang`` cookie, for all that happens while answering it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cookies = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"), "")
        with speaking(language_of(cookies)):
            await self.app(scope, receive, send)
