"""From an exception of the HTTP library to the error tree.

What it is for: telling "nothing was sent" from "no answer came" in one place, for calls, uploads and
downloads alike. What it must not do: retry, or show a secret.
"""

from typing import Final

import aiohttp

from tolmach.errors import ConnectFailed, OutcomeUnknown, RemoteError, RemoteProtocolError
from tolmach.transport.redaction import redact

__all__ = ["TROUBLE", "from_trouble"]

TROUBLE: Final = (aiohttp.ClientError, TimeoutError, OSError)
"""What the HTTP library raises when an exchange fails."""

_NOT_CONNECTED: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)


def from_trouble(error: Exception, call: str) -> RemoteError:
    """Return what ``error`` means for the call named ``call``."""
    if isinstance(error, _NOT_CONNECTED):
        return ConnectFailed(redact(_reason(error)), call=call)
    if isinstance(error, aiohttp.ClientResponseError):
        return RemoteProtocolError(f"no HTTP came back: {redact(error.message)}", call=call)
    return OutcomeUnknown(f"no answer came: {redact(_reason(error))}", call=call)


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "the time is up"
    return str(error) or type(error).__name__
