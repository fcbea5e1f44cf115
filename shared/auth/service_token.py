"""How a service proves itself to another's /internal side: a minute-long token that names both."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jwt import JWTClaimsRegistry

from shared.auth.model import Unauthenticated
from shared.auth.tokens import LEEWAY
from shared.clock import Clock
from shared.settings import SERVICES, Settings

LIFETIME: Final = timedelta(seconds=60)
ALGORITHM: Final = "HS256"
OPERATOR: Final = "operator"  # the command line, which acts for whoever runs the deployment


def _key(settings: Settings) -> OctKey:
    secret = settings.service_secret.get_secret_value().encode()
    return OctKey.import_key(sha256(b"chibo service token\0" + secret).digest())


def source(settings: Settings, clock: Clock) -> Callable[[str], str]:
    """Makes this service's tokens: ``source(settings, clock)("members")`` is one for members."""

    def token(audience: str) -> str:
        now = clock()
        claims = {
            "iss": settings.service,
            "aud": audience,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        return jwt.encode({"alg": ALGORITHM}, claims, _key(settings), algorithms=[ALGORITHM])

    return token


def verify(settings: Settings, token: str, *, now: datetime) -> str:
    """The name of the service that sent ``token`` to this one. Raises `Unauthenticated`."""
    registry = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(LEEWAY.total_seconds()),
        iss={"essential": True, "values": [*SERVICES, OPERATOR]},
        aud={"essential": True, "value": settings.service},
        exp={"essential": True},
    )
    try:
        claims = jwt.decode(token, _key(settings), algorithms=[ALGORITHM]).claims
        registry.validate(claims)
    except (JoseError, ValueError) as error:
        raise Unauthenticated("no valid service token") from error
    return str(claims["iss"])
