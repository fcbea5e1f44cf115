"""Who may use an endpoint: every route carries one of `allow`, `signed_in`, `public`, `internal`.

actor: Annotated[Actor, Depends(allow("meeting.record", cell_of_meeting))]
router = APIRouter(dependencies=[Depends(public())])
"""

from fastapi import Request

from shared.auth import csrf, service_token
from shared.auth.login import login_of
from shared.auth.marks import Guard, GuardedRoute, Target, guarded_routes, unguarded
from shared.auth.model import Actor, Forbidden, HeldOffice, Unauthenticated
from shared.auth.permissions import INTERNAL, PERMISSIONS, PUBLIC, SIGNED_IN
from shared.context import Context
from shared.organisations import ORGANISATIONS, is_within_any

SEEN_AT = "Chibo-At"  # the position a reader has just written, as the query parameter ``at``

__all__ = [
    "GuardedRoute",
    "allow",
    "allowed",
    "current_actor",
    "guarded_routes",
    "internal",
    "public",
    "require_allowed",
    "signed_in",
    "unguarded",
]


async def current_actor(request: Request) -> Actor | None:
    """Who is logged in, if anybody. Not a guard: a route needs one of the four below."""
    login = await login_of(request)
    return login.actor if login else None


async def require_allowed(ctx: Context, actor: Actor, action: str, organisation: str) -> None:
    """Raises `Forbidden` unless ``actor`` may do ``action`` in ``organisation``; for targets known only from a body."""
    await _require_above(ctx, _offices_for(actor, action), action, organisation)


async def _require_above(ctx: Context, offices: list[HeldOffice], action: str, organisation: str) -> None:
    roots = [held.organisation for held in offices]
    if organisation not in roots and not await is_within_any(ctx.pool, organisation, roots):
        raise Forbidden(action, organisation)


async def _seen(request: Request, ctx: Context) -> None:
    """Wait for what the caller has just written: the organisation it acts on may be a second old."""
    at = request.query_params.get("at") or request.headers.get(SEEN_AT)
    if at is not None:
        await ctx.caught_up(ORGANISATIONS, at)


def _offices_for(actor: Actor, action: str) -> list[HeldOffice]:
    return [held for held in actor.offices if held.office in PERMISSIONS[action]]


class _SignedIn(Guard):
    async def __call__(self, request: Request) -> Actor:
        actor = await current_actor(request)
        if actor is None:
            raise Unauthenticated
        return actor


async def allowed(guard: Guard, request: Request) -> Actor:
    """Who asks, if ``guard`` lets them; for a guard that gives an endpoint more than the actor.

    Raises `Unauthenticated` and `Forbidden`.
    """
    actor = await current_actor(request)
    if actor is None:
        raise Unauthenticated
    offices = _offices_for(actor, guard.action)
    if not offices:
        raise Forbidden(guard.action)
    if guard.target is not None:
        ctx = request.app.state.context
        target: Target = request.app.dependency_overrides.get(guard.target, guard.target)
        await _seen(request, ctx)
        await _require_above(ctx, offices, guard.action, await target(request, ctx))
    return actor


class _Allow(Guard):
    async def __call__(self, request: Request) -> Actor:
        return await allowed(self, request)


class _Public(Guard):
    async def __call__(self, request: Request) -> Actor | None:
        if request.method not in csrf.SAFE and not csrf.is_same_origin(request):
            raise csrf.ForeignRequest
        return None


class _Internal(Guard):
    async def __call__(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        ctx = request.app.state.context
        return service_token.verify(ctx.settings, token, now=ctx.clock())


def allow(action: str, target: Target | None = None) -> _Allow:
    """The actor, if the permission table gives ``action`` to an office held above the organisation ``target`` finds.

    Without ``target`` the office may be held anywhere, and the endpoint restricts what it shows or changes to
    ``actor.organisations(...)``. Raises KeyError, at import, for an action the table does not know.
    """
    PERMISSIONS[action]
    return _Allow(action, target)


def signed_in() -> _SignedIn:
    """The actor, whoever it is: for what is one's own."""
    return _SignedIn(SIGNED_IN)


def public() -> _Public:
    """Anybody, also without a login; the endpoint may ask `current_actor` who it is."""
    return _Public(PUBLIC)


def internal() -> _Internal:
    """Another service, by its own token; gives its name."""
    return _Internal(INTERNAL)
