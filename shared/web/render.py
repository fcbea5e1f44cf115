"""Pages: Jinja2 with escaping on, names that must exist, and the words, figures and frame all four services share."""

from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.auth.reader import reader_of
from shared.web import formats
from shared.web.assets import static_url
from shared.web.flash import COOKIE as FLASH_COOKIE
from shared.web.flash import message_of
from shared.web.i18n import _, catalog_from, language, ngettext
from shared.web.places import nav_of, office_name

_HERE: Final = Path(__file__).parent
_loader: Final = FileSystemLoader([_HERE / "templates"])
_request: ContextVar[Request] = ContextVar("request")


def templates_from(folder: Path) -> None:
    """Adds a service's template folder, and the ``locale/en.po`` that lies beside it, at start.

    Templates lie one folder deeper, named after the service (``<folder>/meetings/room.html``): none hides another.
    """
    if str(folder) not in _loader.searchpath:
        _loader.searchpath.append(str(folder))
        catalog = folder.parent / "locale" / "en.po"
        if catalog.exists():
            catalog_from(catalog)


def csrf_field() -> Markup:
    """The hidden field that shows a form is from our own page: ``request.state.csrf``, given with the session."""
    token = getattr(_request.get().state, "csrf", "")
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


def idempotency_field() -> Markup:
    """The hidden key of one filled-in form: sending it twice does it once."""
    return Markup('<input type="hidden" name="idempotency_key" value="{}">').format(uuid4())


def is_demo() -> bool:
    """Whether this deployment shows a demonstration, which every page then says."""
    app = _request.get().scope.get("app")
    return app is not None and getattr(getattr(app.state, "settings", None), "demo", False)


def _environment() -> Environment:
    made = Environment(
        loader=_loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    shown = {name: getattr(formats, name) for name in dir(formats) if name.startswith("fmt_")}
    made.globals.update(
        shown,
        _=_,
        ngettext=ngettext,
        language=language,
        static_url=static_url,
        csrf_field=csrf_field,
        office_name=office_name,
        is_demo=is_demo,
        idempotency_field=idempotency_field,
    )
    made.filters.update(shown)
    return made


environment: Final = _environment()
catalog_from(_HERE / "locale" / "en.po")


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The page ``template`` (``meetings/room.html``) filled with ``values``; ``title`` is always wanted.

    Known to every template besides: ``request``, ``reader``, ``nav``, ``flash`` and the globals above.
    """
    reader = reader_of(request)
    flash = message_of(request)
    token = _request.set(request)
    try:
        html = environment.get_template(template).render(
            {"request": request, "reader": reader, "nav": nav_of(request, reader), "flash": flash} | values
        )
    finally:
        _request.reset(token)
    response = HTMLResponse(html, status_code=status, headers={"Content-Language": language(), "Vary": "Cookie"})
    if flash:
        response.delete_cookie(FLASH_COOKIE, path="/")
    return response
