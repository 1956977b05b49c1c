from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hmac import digest
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.access.scopes import SCOPES, Grant
from reference_impl.access.tokens import BadKey, Key, Verifier, mint, public_key, secret_key
from reference_impl.errors import Refused

SECRET = b"a secret of thirty-two bytes, or more"
KEY = secret_key(SECRET)
NOW = 1_000_000.0
CLAIMS: dict[str, Any] = {"session": "s", "scope": "read", "exp": NOW + 60}


def verified(token: str, key: Key = KEY) -> Grant:
    return Verifier(key, lambda: NOW)(token)


def refused(token: str, key: Key = KEY) -> str:
    """Why the token is refused; and nothing of it is said."""
    with pytest.raises(Refused) as problem:
        verified(token, key)
    assert (problem.value.code, problem.value.status) == ("unauthorized", 401)
    assert len(token) < 8 or token not in problem.value.message
    return problem.value.message


def signed(secret: bytes = SECRET, **claims: Any) -> str:
    told = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode(told, secret, algorithm="HS256")


def test_a_token_allows_what_it_was_made_for() -> None:
    before = time.time()
    grant = Verifier(KEY)(mint(KEY, "s", ("read", "control"), 60, "ann"))
    assert (grant.subject, grant.session, sorted(grant.scopes)) == ("ann", "s", ["control", "read"])
    assert before + 59 <= grant.expires_at <= time.time() + 60
    assert Verifier(KEY)(mint(KEY, "*", SCOPES, 60)).scopes == set(SCOPES)


def test_scopes_that_nobody_knows_allow_nothing() -> None:
    assert verified(signed(scope="read write admin reader")).scopes == {"read"}
    assert verified(signed(scope="")).scopes == set()


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": NOW}, "the token has expired"),
        ({"exp": NOW - 1}, "the token has expired"),
        ({"exp": None}, "the token does not say when it expires"),
        ({"exp": "tomorrow"}, "the token's time of expiry is malformed"),
        ({"exp": True}, "the token's time of expiry is malformed"),
        ({"exp": float("inf")}, "the token's time of expiry is malformed"),
        ({"exp": float("nan")}, "the token's time of expiry is malformed"),
        ({"nbf": 10**10}, "the token is not valid yet"),
        ({"session": None}, "the token names no session"),
        ({"session": ""}, "the token names no session"),
        ({"session": ["s"]}, "the token names no session"),
        ({"scope": None}, "the token has no scope"),
        ({"scope": ["read"]}, "the token has no scope"),
        ({"aud": "somebody-else"}, "the token is for another service"),
        ({"aud": ["a", "b"]}, "the token is for another service"),
    ],
)
def test_each_wrong_claim_has_a_message_of_its_own(claims: dict[str, Any], why: str) -> None:
    assert refused(signed(**claims)) == why


def test_an_audience_that_is_this_service_is_right() -> None:
    assert verified(signed(aud=["other", "durable-session"])).session == "s"


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "eyJ.eyJ.eyJ", "\0", "é.é.é", "[]", "x" * 5_000])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refused(token)


def test_signatures_of_others_and_none_are_refused() -> None:
    why = "the token is not signed with this server's key"
    assert refused(signed(b"another secret of thirty-two bytes, ok")) == why
    assert refused(jwt.encode(CLAIMS, "", algorithm="none")) == why
    assert refused(jwt.encode(CLAIMS, SECRET * 2, algorithm="HS512")) == why


PRIVATE: tuple[tuple[str, Any], ...] = (
    ("EdDSA", ed25519.Ed25519PrivateKey.generate()),
    ("ES256", ec.generate_private_key(ec.SECP256R1())),
    ("RS256", rsa.generate_private_key(65_537, 2_048)),
)


def pem(private: Any) -> bytes:
    made: bytes = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return made


@pytest.mark.parametrize(("algorithm", "private"), PRIVATE)
def test_a_public_key_checks_what_somebody_else_signed_and_makes_nothing(algorithm: str, private: Any) -> None:
    key = public_key(pem(private))
    assert verified(jwt.encode(CLAIMS, private, algorithm=algorithm), key).session == "s"
    with pytest.raises(BadKey):
        mint(key, "s", ["read"], 60)


@pytest.mark.parametrize(("algorithm", "private"), PRIVATE)
def test_a_public_key_is_no_secret_to_sign_with(algorithm: str, private: Any) -> None:
    """The token would have the server check an HMAC whose secret everybody knows (RFC 8725 section 2.1)."""
    head, body = ({"alg": "HS256", "typ": "JWT"}, CLAIMS)
    signing = b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, body))
    forged = signing + b"." + urlsafe_b64encode(digest(pem(private), signing, "sha256")).rstrip(b"=")
    assert public_key(pem(private)).algorithm == algorithm
    assert refused(forged.decode(), public_key(pem(private)))


@pytest.mark.parametrize(
    ("make", "content"),
    [
        (secret_key, b"short"),
        (secret_key, b""),
        (secret_key, pem(PRIVATE[0][1])),
        (public_key, b"no PEM"),
        (public_key, pem(rsa.generate_private_key(65_537, 1_024))),
        (public_key, pem(ec.generate_private_key(ec.SECP384R1()))),
    ],
)
def test_bad_keys_are_refused_without_showing_them(make: Callable[[bytes], Key], content: bytes) -> None:
    with pytest.raises(BadKey) as problem:
        make(content)
    assert not content or content.decode() not in str(problem.value)


def test_a_key_is_never_shown() -> None:
    assert SECRET.decode() not in repr(KEY)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_of_a_token_can_be_changed(place: int, change: int) -> None:
    parts = [bytearray(urlsafe_b64decode(part + "==")) for part in signed().split(".")]
    part = parts[place % 3]
    part[place // 3 % len(part)] ^= change
    refused(".".join(urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts))


@given(st.text(max_size=60))
def test_no_text_is_a_token(text: str) -> None:
    refused(text)
