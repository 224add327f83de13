"""Tokens.

What it is for: what a token is, and the grant of one to a bot. What it must not do: show a token in a
repr.

Source: https://dev.pachca.com
"""

from typing import Literal

from pydantic import Field

from tolmach.pachca.models.document import Document, Given, Many, Nullable, Sent, Timestamp
from tolmach.pachca.models.words import AnyOAuthScope, OAuthTokenTypeHint

__all__ = ["AccessTokenInfo", "OAuthRevokeRequest", "OAuthToken", "OAuthTokenRequest"]


class AccessTokenInfo(Document):
    """Describe the token of the caller; ``token`` is masked."""

    id: int
    token: str = Field(repr=False)
    name: Nullable[str] = None
    user_id: int
    scopes: Many[AnyOAuthScope] = Field(default_factory=list[AnyOAuthScope])
    created_at: Timestamp
    revoked_at: Nullable[Timestamp] = None
    expires_in: Nullable[int] = None
    last_used_at: Nullable[Timestamp] = None
    authorized_at: Nullable[Timestamp] = None


class OAuthToken(Document):
    """Hold a granted token."""

    access_token: str = Field(repr=False)
    token_type: Literal["Bearer"]
    refresh_token: str = Field(repr=False)
    scope: str
    created_at: int


class OAuthTokenRequest(Sent):
    """Exchange a code for a token."""

    grant_type: Literal["authorization_code"] = "authorization_code"
    code: str
    redirect_uri: str
    client_id: Given[str] = None
    client_secret: Given[str] = Field(default=None, repr=False)
    code_verifier: Given[str] = None


class OAuthRevokeRequest(Sent):
    """Revoke a token."""

    token: str = Field(repr=False)
    token_type_hint: Given[OAuthTokenTypeHint] = None
    client_id: Given[str] = None
    client_secret: Given[str] = Field(default=None, repr=False)
