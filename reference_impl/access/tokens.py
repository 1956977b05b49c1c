"""Signed tokens (JWT, RFC 7519): made with a secret, checked with it or with somebody else's public key.

Claims: `session` (a name or `*`), `scope` (names with blanks between them, as in RFC 8693), `exp`; `sub`, `iat`, `nbf`
and `aud` may be there. The algorithm is the key's, never the token's own choice (RFC 8725 section 3.1). Needs PyJWT, so
import this module only where tokens are used.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

import jwt

from ..errors import Refused
from .scopes import SCOPES, Grant, Scope

AUDIENCE: Final = "durable-session"  # a token that is for somebody else says so

_SHORTEST_SECRET = 32  # bytes: as long as the hash, RFC 7518 section 3.2
_LONGEST_TOKEN = 4_096
_DECODING: Final[Any] = {"require": ["exp"], "verify_exp": False, "verify_iat": False, "verify_aud": False}


class BadKey(ValueError):
    """This cannot be a key; the message says why and never what it is."""


@dataclass(frozen=True, slots=True)
class Key:
    """verifying: what PyJWT checks signatures with. secret: what it makes them with; None when others do that."""

    algorithm: str
    verifying: Any = field(repr=False)
    secret: bytes | None = field(default=None, repr=False)


def secret_key(secret: bytes) -> Key:
    """A key that makes tokens and checks them (HS256). Raises BadKey."""
    if len(secret) < _SHORTEST_SECRET:
        raise BadKey(f"the token key must have at least {_SHORTEST_SECRET} bytes (try: openssl rand -hex 32)")
    if secret.startswith(b"-----BEGIN"):
        raise BadKey("the token key is a PEM file; a public key has an option of its own")
    return Key("HS256", secret, secret)


def public_key(pem: bytes) -> Key:
    """A key that only checks tokens: Ed25519 (EdDSA), P-256 (ES256) or RSA (RS256). Raises BadKey."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415 - only for these keys
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise BadKey("this is not a public key in PEM") from None
    if isinstance(key, ed25519.Ed25519PublicKey):
        return Key("EdDSA", key)
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return Key("ES256", key)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2_048:
        return Key("RS256", key)
    raise BadKey("a public key is Ed25519, P-256, or RSA of at least 2048 bits")


def mint(key: Key, session: str, scopes: Collection[Scope], ttl_s: float, subject: str = "") -> str:
    """A token. Raises BadKey when this key cannot make one."""
    if key.secret is None:
        raise BadKey("a public key makes no tokens")
    now = int(time.time())
    claims: dict[str, Any] = {"session": session, "scope": " ".join(scopes), "iat": now, "exp": now + ttl_s}
    if subject:
        claims["sub"] = subject
    return jwt.encode(claims, key.secret, algorithm=key.algorithm)


class Verifier:
    """Checks tokens. now: seconds since 1970."""

    def __init__(self, key: Key, now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._now = now

    def __call__(self, token: str) -> Grant:
        """What a token allows. Raises Refused (unauthorized), which says why and nothing of the token."""
        if len(token) > _LONGEST_TOKEN:
            raise unauthorized(f"a token has at most {_LONGEST_TOKEN} characters")
        try:
            claims = jwt.decode(token, self._key.verifying, algorithms=[self._key.algorithm], options=_DECODING)
        except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
            raise unauthorized("the token is not signed with this server's key") from None
        except jwt.ImmatureSignatureError:
            raise unauthorized("the token is not valid yet") from None
        except jwt.MissingRequiredClaimError:
            raise unauthorized("the token does not say when it expires") from None
        except jwt.PyJWTError:
            raise unauthorized("the token is malformed") from None
        grant = _grant(claims)
        if grant.expires_at <= self._now():
            raise unauthorized("the token has expired")
        return grant


def unauthorized(message: str) -> Refused:
    """There is no good token; with another one it may work."""
    return Refused("unauthorized", message, 401)


def _grant(claims: dict[str, Any]) -> Grant:
    session, scope, expires_at = claims.get("session"), claims.get("scope"), claims["exp"]
    if not isinstance(session, str) or not session:
        raise unauthorized("the token names no session")
    if not isinstance(scope, str):
        raise unauthorized("the token has no scope")
    if type(expires_at) not in (int, float) or not math.isfinite(expires_at):
        raise unauthorized("the token's time of expiry is malformed")
    audience = claims.get("aud", AUDIENCE)
    if AUDIENCE not in (audience if isinstance(audience, list) else [audience]):
        raise unauthorized("the token is for another service")
    scopes = scope.split()
    return Grant(str(claims.get("sub", "")), session, frozenset(each for each in SCOPES if each in scopes), expires_at)
