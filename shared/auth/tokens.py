"""Access tokens: short-lived JWTs that members signs (Ed25519, RFC 8037/9864) and every service can verify.

A token carries identifiers and offices only, never personal data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import GuestProtocol, OKPKey
from joserfc.jwt import JWTClaimsRegistry

from shared.auth.model import Actor, HeldOffice
from shared.events.members import Office

ISSUER: Final = "urn:chibo:members"
AUDIENCE: Final = "chibo"
ALGORITHM: Final = "Ed25519"  # the fully specified name; joserfc warns of the older "EdDSA"
LEEWAY: Final = timedelta(seconds=30)  # how far the clocks of two machines may differ

Keys = Mapping[str, OKPKey]
"""Public keys by ``kid``."""


class InvalidToken(Exception):
    """Not a token of ours, or not for us."""


class ExpiredToken(InvalidToken):
    """It was good once."""


class UnknownKey(InvalidToken):
    """Signed with a key we do not have: perhaps a new one."""


@dataclass(frozen=True, slots=True)
class Claims:
    actor: Actor
    session: str
    expires_at: datetime


def issue(key: OKPKey, actor: Actor, session: str, *, now: datetime, lifetime: timedelta) -> str:
    """A signed token for ``actor``; ``key`` is a private key that has a ``kid``."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": actor.account,
        "sid": session,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "offices": [[held.office.value, held.organisation] for held in actor.offices],
    }
    if actor.member is not None:
        claims["member"] = actor.member
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def verify(token: str, keys: Keys, *, now: datetime, overdue: timedelta = timedelta(0)) -> Claims:
    """What a token says, if one of ``keys`` signed it for us and it is not older than its end plus ``overdue``.

    Raises `ExpiredToken`, `UnknownKey`, `InvalidToken`.
    """

    def key_of(signed: GuestProtocol) -> OKPKey:
        kid = signed.headers().get("kid")
        if not isinstance(kid, str) or kid not in keys:
            raise UnknownKey(str(kid))
        return keys[kid]

    registry = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int((LEEWAY + overdue).total_seconds()),
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        sub={"essential": True},
        sid={"essential": True},
        iat={"essential": True},
        exp={"essential": True},
    )
    try:
        claims = jwt.decode(token, key_of, algorithms=[ALGORITHM]).claims
        registry.validate(claims)
        offices = tuple(HeldOffice(Office(office), organisation) for office, organisation in claims["offices"])
        actor = Actor(account=claims["sub"], member=claims.get("member"), offices=offices)
        return Claims(actor, claims["sid"], datetime.fromtimestamp(claims["exp"], UTC))
    except ExpiredTokenError as error:
        raise ExpiredToken(str(error)) from error
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise InvalidToken(str(error)) from error


def public_keys(jwks: Mapping[str, Any]) -> dict[str, OKPKey]:
    """The Ed25519 keys of a JWKS document (RFC 7517) by kid; others are left out."""
    found = [OKPKey.import_key(key) for key in jwks["keys"] if key.get("kty") == "OKP" and key.get("crv") == "Ed25519"]
    return {key.kid: key for key in found if key.kid}
