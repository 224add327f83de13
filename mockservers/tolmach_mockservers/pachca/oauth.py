"""Rules of OAuth: codes, tokens for bots that act for people, revoking.

What it is for: both `/oauth` operations that need no bearer token. What it must not do: HTTP.
Source: https://dev.pachca.com/guides/oauth
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final
from urllib.parse import unquote, urlsplit

from tolmach_mockservers.pachca import bots, model
from tolmach_mockservers.pachca.errors import OAuthError
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json

__all__ = ["authorize", "exchange", "revoke"]

_CODE_MS: Final = 600_000
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def _client(state: State, client_id: str) -> tuple[model.User, model.OAuthClient]:
    for user in state.tables.users.values():
        if user.bot is not None and user.bot.oauth is not None and user.bot.oauth.client_id == client_id:
            return user, user.bot.oauth
    raise OAuthError(401, "invalid_client", "Client authentication failed")


def _same_uri(one: str, other: str) -> bool:
    """Compare redirect addresses exactly, but the ports of loopback ones."""
    if one == other:
        return True
    a, b = urlsplit(one), urlsplit(other)
    return a.hostname in _LOOPBACK and (a.scheme, a.hostname, a.path, a.query) == (
        b.scheme,
        b.hostname,
        b.path,
        b.query,
    )


def authorize(
    state: State, user: model.User, client_id: str, redirect_uri: str, challenge: str | None
) -> model.Grant:
    """Let somebody agree on the consent page; return the code that the application gets."""
    bot, client = _client(state, client_id)
    if not any(_same_uri(each, redirect_uri) for each in client.redirect_uris):
        raise OAuthError(400, "invalid_request", "The redirect uri included is not valid")
    if challenge is None and not client.confidential:
        raise OAuthError(400, "invalid_request", "Code challenge is required")
    grant = model.Grant(
        state.secrets.token(43), client_id, user.id, redirect_uri, state.now() + _CODE_MS, challenge
    )
    state.tables.grants[grant.code] = grant
    details: Json = {"client_id": client_id, "scopes": list(client.scopes)}
    state.audit("oauth_authorization_granted", ("Bot", bot.id), user, details)
    return grant


def _authenticated(state: State, given: Json, authorization: str) -> tuple[model.User, model.OAuthClient]:
    client_id, secret = str(given.get("client_id", "")), str(given.get("client_secret", ""))
    if authorization.startswith("Basic "):
        try:
            pair = base64.b64decode(authorization[6:]).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise OAuthError(401, "invalid_client", "Client authentication failed") from None
        name, _, password = pair.partition(":")
        client_id, secret = unquote(name), unquote(password)
    bot, client = _client(state, client_id)
    if client.confidential and not hmac.compare_digest(secret.encode(), client.secret.encode()):
        raise OAuthError(401, "invalid_client", "Client authentication failed")
    return bot, client


def exchange(state: State, given: Json, authorization: str) -> Json:
    """Turn a code into a token."""
    if given.get("grant_type") is None:
        raise OAuthError(400, "invalid_request", "Missing required parameter: grant_type")
    if given["grant_type"] != "authorization_code":
        raise OAuthError(400, "unsupported_grant_type", "The grant type is not supported")
    _, client = _authenticated(state, given, authorization)
    for name in ("code", "redirect_uri"):
        if not given.get(name):
            raise OAuthError(400, "invalid_request", f"Missing required parameter: {name}")
    # A code works once, also when the rest of the request is wrong.
    grant = state.tables.grants.pop(str(given["code"]), None)
    if (
        grant is None
        or grant.client_id != client.client_id
        or grant.expires_at <= state.now()
        or grant.redirect_uri != given["redirect_uri"]
        or not _verified(grant.challenge, str(given.get("code_verifier", "")))
    ):
        raise OAuthError(400, "invalid_grant", "The provided authorization grant is invalid or expired")
    user = state.user(grant.user_id)
    token = bots.add_token(state, user, client.scopes, prefix="pato_")
    token.client_id, token.authorized_at = client.client_id, state.now()
    return {
        "access_token": token.value,
        "token_type": "Bearer",
        "refresh_token": state.secrets.token(43),
        "scope": " ".join(token.scopes),
        "created_at": token.created_at // 1000,
    }


def _verified(challenge: str | None, verifier: str) -> bool:
    if challenge is None:
        return True
    if not 43 <= len(verifier) <= 128:
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def revoke(state: State, given: Json, authorization: str) -> None:
    """Revoke a token: by the client that got it, or by the token itself."""
    value = str(given.get("token", ""))
    if not value:
        raise OAuthError(400, "invalid_request", "Missing required parameter: token")
    found = state.tables.tokens.get(value)
    if authorization.startswith("Bearer "):
        if authorization[7:] not in state.tables.tokens:
            raise OAuthError(401, "invalid_token", "Access token is invalid")
        if authorization[7:] != value:
            raise OAuthError(403, "unauthorized_client", "You are not authorized to revoke this token")
    else:
        _, client = _authenticated(state, given, authorization)
        if not client.confidential:
            raise OAuthError(401, "invalid_client", "Client authentication failed")
        if found is not None and found.client_id != client.client_id:
            raise OAuthError(403, "unauthorized_client", "You are not authorized to revoke this token")
    if found is not None:
        del state.tables.tokens[value]
        details: Json = {"client_id": found.client_id or "", "revoked_tokens_count": 1}
        state.audit(
            "oauth_token_revoked", ("AccessToken", found.id), state.tables.users[found.user_id], details
        )
