"""The switch VI / EN, ``/language?to=en&next=/meetings``; the members service gives `choose_language` its route."""

from typing import Final

from starlette.responses import RedirectResponse

from shared.web.flash import local_path
from shared.web.i18n import COOKIE, LANGUAGES

_YEAR: Final = 365 * 24 * 3600


async def choose_language(to: str, next: str = "/") -> RedirectResponse:
    """Remembers the language and goes back to the page one was reading."""
    response = RedirectResponse(local_path(next), status_code=303)
    if to in LANGUAGES:
        response.set_cookie(COOKIE, to, max_age=_YEAR, path="/", samesite="lax", httponly=True)
    return response
