import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from shared.auth.model import Actor, HeldOffice
from shared.auth.tokens import (
    ALGORITHM,
    AUDIENCE,
    ISSUER,
    LEEWAY,
    ExpiredToken,
    InvalidToken,
    UnknownKey,
    issue,
    public_keys,
    verify,
)
from shared.events.members import Office

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LIFETIME = timedelta(minutes=5)
SECRETARY = Actor("account-1", "member-1", (HeldOffice(Office.CELL_SECRETARY, "cell-1"),))


def key_pair(kid: str = "k1") -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": kid})


KEY = key_pair()
KEYS = public_keys({"keys": [KEY.as_dict(private=False)]})


def token(**changed: object) -> str:
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "a",
        "sid": "s",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + LIFETIME).timestamp()),
        "offices": [],
    }
    kept = {name: value for name, value in (claims | changed).items() if value is not None}
    return jwt.encode({"alg": ALGORITHM, "kid": "k1"}, kept, KEY, algorithms=[ALGORITHM])


def segment(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_token_says_who_acts_and_nothing_personal():
    issued = issue(KEY, SECRETARY, "session-1", now=NOW, lifetime=LIFETIME)
    claims = verify(issued, KEYS, now=NOW)
    assert claims.actor == SECRETARY
    assert claims.session == "session-1"
    assert claims.expires_at == NOW + LIFETIME
    body = issued.split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert said.keys() == {"iss", "aud", "sub", "sid", "iat", "exp", "offices", "member"}


def test_a_token_ends_with_its_lifetime_and_a_small_leeway_for_clocks():
    issued = issue(KEY, SECRETARY, "s", now=NOW, lifetime=LIFETIME)
    end = NOW + LIFETIME
    assert verify(issued, KEYS, now=end + LEEWAY - timedelta(seconds=1)).actor == SECRETARY
    with pytest.raises(ExpiredToken):
        verify(issued, KEYS, now=end + LEEWAY + timedelta(seconds=1))
    assert verify(issued, KEYS, now=end + timedelta(hours=1), overdue=timedelta(hours=2)).actor == SECRETARY


def test_a_machine_whose_clock_is_a_little_behind_accepts_a_fresh_token():
    issued = issue(KEY, SECRETARY, "s", now=NOW, lifetime=LIFETIME)
    assert verify(issued, KEYS, now=NOW - LEEWAY).actor == SECRETARY
    with pytest.raises(InvalidToken):
        verify(issued, KEYS, now=NOW - LEEWAY - timedelta(seconds=2))


def test_a_key_nobody_published_is_unknown():
    foreign = key_pair("k2")
    with pytest.raises(UnknownKey):
        verify(issue(foreign, SECRETARY, "s", now=NOW, lifetime=LIFETIME), KEYS, now=NOW)


def test_another_key_under_a_known_kid_does_not_sign_for_us():
    forger = key_pair("k1")
    with pytest.raises(InvalidToken):
        verify(issue(forger, SECRETARY, "s", now=NOW, lifetime=LIFETIME), KEYS, now=NOW)


def test_a_token_without_signature_is_refused():
    claims = json.loads(base64.urlsafe_b64decode(token().split(".")[1] + "=="))
    for alg in ("none", "None", "NONE"):
        with pytest.raises(InvalidToken):
            verify(f"{segment({'alg': alg, 'kid': 'k1'})}.{segment(claims)}.", KEYS, now=NOW)


def test_the_public_key_is_no_shared_secret():
    """The classic confusion: a token signed by HS256 with the published public key as its secret."""
    public = KEY.as_dict(private=False)["x"]
    raw = base64.urlsafe_b64decode(str(public) + "=")
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "a", "sid": "s", "iat": 0, "exp": 9_999_999_999, "offices": []}
    forged = jwt.encode({"alg": "HS256", "kid": "k1"}, claims, OctKey.import_key(raw), algorithms=["HS256"])
    with pytest.raises(InvalidToken):
        verify(forged, KEYS, now=NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "urn:other"},
        {"aud": "other"},
        {"iss": None},
        {"aud": None},
        {"exp": None},
        {"sub": None},
        {"sid": None},
        {"offices": [["emperor", "cell-1"]]},
        {"offices": None},
        {"offices": "all"},
        {"exp": "tomorrow"},
    ],
)
def test_a_token_with_another_or_a_missing_claim_is_refused(changed):
    with pytest.raises(InvalidToken):
        verify(token(**changed), KEYS, now=NOW)


@pytest.mark.parametrize("rubbish", ["", ".", "..", "a.b.c", "đảng.viên.x", "x" * 20_000])
def test_rubbish_is_refused_and_never_an_error(rubbish):
    with pytest.raises(InvalidToken):
        verify(rubbish, KEYS, now=NOW)


def test_only_ed25519_keys_are_taken_from_a_key_set():
    others = [{"kty": "oct", "k": "AAAA", "kid": "x"}, {"kty": "OKP", "crv": "X25519", "x": "AAAA", "kid": "y"}]
    assert public_keys({"keys": [*others, KEY.as_dict(private=False)]}).keys() == {"k1"}
