"""Tell a genuine delivery from a forged one.

What it is for: the signature over the raw bytes, compared in constant time, and the addresses that
deliveries come from. What it must not do: look into a body, or show a secret.

Source: https://dev.pachca.com
"""

import hashlib
import hmac
from typing import Final

from tolmach.errors import ConfigError, WebhookRefused

__all__ = ["HEADER", "SOURCE_ADDRESSES", "WebhookRefused", "sign", "verify"]

HEADER: Final = "pachca-signature"
"""The header that carries the signature."""

SOURCE_ADDRESSES: Final = frozenset({"37.200.70.177", "185.209.115.174", "135.106.159.61"})
"""Where deliveries come from."""


def sign(body: bytes, secret: str) -> str:
    """Return the signature of ``body``: HMAC-SHA256 in 64 lower-case hexadecimal digits.

    Raises ConfigError for an empty secret, with which everybody could sign.
    """
    if not secret:
        raise ConfigError(
            "the signing secret is empty", path="webhookSecret", remedy="Copy it from the bot's settings."
        )
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(body: bytes, signature: str | None, secret: str) -> bool:
    """Tell whether ``signature`` is the one of ``body``, in constant time."""
    expected = sign(body, secret).encode()
    return hmac.compare_digest(expected, (signature or "").encode("utf-8", "surrogatepass"))
