"""Every error that Tolmach raises, by whose fault it is.

::

    TolmachError
    ├── ConfigError              the configuration is wrong: path, what, remedy
    ├── LocalProtocolError       this library or its caller used a protocol wrongly
    └── RemoteError              the other side, or the way to it
        ├── ConnectFailed        nothing was sent: safe to repeat
        ├── OutcomeUnknown       the request left, no answer came: it may have happened
        ├── RemoteProtocolError  the answer makes no sense
        ├── SubscriptionRefused  a stream was refused or ended by the server
        └── ApiError             the server answered with an error
            ├── Unauthorized     401, or a refused login
            ├── Forbidden        403
            ├── NotFound         404
            ├── RateLimited      429 or too-many-requests
            └── ServerFailed     5xx

What it must not do: perform I/O, or keep a secret. Requests are named by method and path only.
"""

from collections.abc import Mapping

__all__ = [
    "ApiError",
    "ConfigError",
    "ConnectFailed",
    "Forbidden",
    "LocalProtocolError",
    "NotFound",
    "OutcomeUnknown",
    "RateLimited",
    "RemoteError",
    "RemoteProtocolError",
    "ServerFailed",
    "SubscriptionRefused",
    "TolmachError",
    "Unauthorized",
]


class TolmachError(Exception):
    """Be the root of every error that this library raises on purpose."""


class ConfigError(TolmachError):
    """Say that a setting is wrong.

    ``path`` is the dotted setting (``channels.rocketchat.dmPolicy``), ``where`` the file and line
    where known (``bot.yaml:7``), ``remedy`` one sentence that names the fix. None holds a secret.
    """

    def __init__(self, problem: str, *, path: str = "", remedy: str = "", where: str = "") -> None:
        self.problem = problem
        self.path = path
        self.remedy = remedy
        self.where = where
        super().__init__(problem)

    def __str__(self) -> str:
        """Return ``where  path: problem`` and, indented on the next line, the remedy."""
        head = "  ".join(part for part in (self.where, self.path) if part)
        line = f"{head}: {self.problem}" if head else self.problem
        return f"{line}\n    {self.remedy}" if self.remedy else line


class LocalProtocolError(TolmachError):
    """Say that this library or its caller broke a protocol rule; nothing was sent."""


class RemoteError(TolmachError):
    """Say that the other side, or the network on the way, failed.

    ``call`` names the operation (``POST chat.sendMessage``), never its arguments.
    """

    def __init__(self, message: str, *, call: str = "") -> None:
        self.call = call
        super().__init__(message)

    def __str__(self) -> str:
        """Return ``call: message``."""
        text = super().__str__()
        return f"{self.call}: {text}" if self.call else text


class ConnectFailed(RemoteError):
    """Say that no connection came about, so nothing was sent and a repeat is safe."""


class OutcomeUnknown(RemoteError):
    """Say that the request was sent but no answer came: the write may have happened."""


class RemoteProtocolError(RemoteError):
    """Say that the peer answered something that its protocol does not allow."""


class SubscriptionRefused(RemoteError):
    """Say that the server refused or ended a stream; ``code`` is its error code."""

    def __init__(self, message: str, *, call: str = "", code: str = "") -> None:
        self.code = code
        super().__init__(message, call=call)


class ApiError(RemoteError):
    """Say that the server answered with an error.

    ``status`` is the HTTP status (0 for a realtime method), ``code`` the platform's machine code
    (``error-room-not-found``) or an empty string, ``retry_after`` seconds or None, ``details`` the
    platform's own details.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str = "",
        call: str = "",
        retry_after: float | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.details: Mapping[str, object] = details or {}
        super().__init__(message, call=call)

    def __str__(self) -> str:
        """Return ``call: message [code] (HTTP status)``."""
        code = f" [{self.code}]" if self.code and f"[{self.code}]" not in self.args[0] else ""
        status = f" (HTTP {self.status})" if self.status else ""
        return f"{super().__str__()}{code}{status}"


class Unauthorized(ApiError):
    """Say that the credential is missing, wrong, expired or revoked. Never retried blindly."""


class Forbidden(ApiError):
    """Say that the account may not do this."""


class NotFound(ApiError):
    """Say that the thing does not exist, or is hidden from this account."""


class RateLimited(ApiError):
    """Say that the server asks for a slower pace; ``retry_after`` says for how long."""


class ServerFailed(ApiError):
    """Say that the server failed with a 5xx status: a write may have happened."""
