"""Tokens: what one is, and how a bot gets one that acts for an employee.

What it is for: reached as ``pachca.oauth``. What it must not do: keep a token, or open a browser.

Source: https://dev.pachca.com
"""

import base64
import hashlib
import secrets
from typing import NamedTuple
from urllib.parse import urlencode

import aiohttp

from tolmach.pachca.api import Resource
from tolmach.pachca.models.oauth import AccessTokenInfo, OAuthRevokeRequest, OAuthToken, OAuthTokenRequest
from tolmach.pachca.models.words import OAuthTokenTypeHint
from tolmach.pachca.reading import read, wire
from tolmach.pachca.unset import UNSET, Unset, given
from tolmach.transport.http import Payload

__all__ = ["OAuth", "Pkce", "authorize_url", "pkce"]

CONSENT_PAGE = "https://app.pachca.com/apps/authorize"


class Pkce(NamedTuple):
    """Hold a verifier, to keep, and its challenge, to send."""

    verifier: str
    challenge: str


def pkce() -> Pkce:
    """Make a fresh pair; public clients need one."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return Pkce(verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


def authorize_url(
    client_id: str, redirect_uri: str, *, state: str, challenge: str = "", page: str = CONSENT_PAGE
) -> str:
    """Return where to send an employee; the answer comes to ``redirect_uri`` with ``code`` and ``state``."""
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "state": state,
    }
    if challenge:
        query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return f"{page}?{urlencode(query)}"


class OAuth(Resource):
    """Offer what concerns tokens."""

    async def token_info(self) -> AccessTokenInfo:
        """Return what the token is; needs no scope. Raises Unauthorized for a dead one."""
        return await self._api.fetch(AccessTokenInfo, "GET /oauth/token/info")

    async def exchange(
        self,
        code: str,
        redirect_uri: str,
        *,
        client_id: str | Unset = UNSET,
        client_secret: str | Unset = UNSET,
        code_verifier: str | Unset = UNSET,
    ) -> OAuthToken:
        """Turn a code into a token; a code lives ten minutes and works once."""
        call = "POST /oauth/token"
        fields = wire(
            OAuthTokenRequest,
            given(
                code=code,
                redirect_uri=redirect_uri,
                client_id=client_id,
                client_secret=client_secret,
                code_verifier=code_verifier,
            ),
        )
        body = await self._api.call(call, payload=_form(fields), signed=False)
        return read(OAuthToken, body, call)

    async def revoke(
        self,
        token: str,
        *,
        token_type_hint: OAuthTokenTypeHint | Unset = UNSET,
        client_id: str | Unset = UNSET,
        client_secret: str | Unset = UNSET,
    ) -> None:
        """End a token. A client without a secret signs with the very token that it ends."""
        fields = wire(
            OAuthRevokeRequest,
            given(
                token=token,
                token_type_hint=token_type_hint,
                client_id=client_id,
                client_secret=client_secret,
            ),
        )
        headers = {"Authorization": f"Bearer {token}"}
        await self._api.call("POST /oauth/revoke", payload=_form(fields), signed=False, headers=headers)


def _form(fields: dict[str, object]) -> Payload:
    return lambda: aiohttp.FormData({name: str(value) for name, value in fields.items()})
