"""Every error that Tolmach raises, by whose fault it is.

::

    TolmachError
    ├── ConfigError              the configuration is wrong: path, what, remedy
    ├── LocalProtocolError       this library or its caller used a protocol wrongly
    │   └── NotSent              a documented limit is broken: refused before anything was sent
    └── RemoteError              the other side, or the way to it
        ├── ConnectFailed        nothing was sent: safe to repeat
        ├── OutcomeUnknown       the request left, no answer came: it may have happened
        ├── RemoteProtocolError  the answer makes no sense
        ├── SubscriptionRefused  a stream was refused or ended by the server
        ├── WebhookRefused       a delivery is forged, stale or no event
        └── ApiError             the server answered with an error
            ├── Invalid          400 or 422: the request itself is refused
            ├── Unauthorized     401, or a refused login
            ├── PaymentRequired  402
            ├── Forbidden        403
            │   └── ScopeMissing the token lacks a scope
            ├── NotFound         404
            │   └── Expired      410: it was there, too late
            ├── Conflict         409
            ├── RateLimited      429 or too-many-requests
            │   └── QuotaExceeded a quota of hours or days: repeating makes it worse
            ├── StorageRefused   the file storage answered with an error
            └── ServerFailed     5xx

What it must not do: perform I/O, or keep a secret. Requests are named by method and path only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = [
    "ApiError",
    "ConfigError",
    "Conflict",
    "ConnectFailed",
    "Expired",
    "FieldProblem",
    "Forbidden",
    "Invalid",
    "LocalProtocolError",
    "NotFound",
    "NotSent",
    "OutcomeUnknown",
    "PaymentRequired",
    "QuotaExceeded",
    "RateLimited",
    "RemoteError",
    "RemoteProtocolError",
    "ScopeMissing",
    "ServerFailed",
    "StorageRefused",
    "SubscriptionRefused",
    "TolmachError",
    "Unauthorized",
    "WebhookRefused",
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


class NotSent(LocalProtocolError):
    """Say that a request breaks a documented rule, so it was not sent; ``field`` names where."""

    def __init__(self, message: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(message)


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


class WebhookRefused(RemoteError):
    """Say that a delivery is not taken: ``signature``, ``stale``, ``source`` or ``malformed``."""

    def __init__(self, message: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """Say what is wrong with one field: its path, the refused value, a code and words for people."""

    key: str = ""
    value: object = None
    code: str = ""
    message: str = ""
    payload: Mapping[str, object] | None = None


class ApiError(RemoteError):
    """Say that the server answered with an error.

    ``status`` is the HTTP status (0 for a realtime method), ``code`` the platform's machine code
    (``error-room-not-found``) or an empty string, ``retry_after`` seconds or None, ``details`` the
    platform's own details, ``problems`` what is wrong with which field, where the platform says so;
    ``key`` and ``value`` are those of the first. ``request`` is method and path as they were sent.
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
        problems: Sequence[FieldProblem] = (),
    ) -> None:
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.problems = tuple(problems)
        self.request = ""
        self.details: Mapping[str, object] = details or {}
        super().__init__(message, call=call)

    @property
    def key(self) -> str:
        """Return the path of the first field that was refused, or an empty string."""
        return self.problems[0].key if self.problems else ""

    @property
    def value(self) -> object:
        """Return the first value that was refused, or None."""
        return self.problems[0].value if self.problems else None

    def __str__(self) -> str:
        """Return ``call: message [code] (HTTP status)``."""
        code = f" [{self.code}]" if self.code and f"[{self.code}]" not in self.args[0] else ""
        status = f" (HTTP {self.status})" if self.status else ""
        return f"{super().__str__()}{code}{status}"


class Invalid(ApiError):
    """Say that the request itself is refused; ``problems`` says which field."""


class PaymentRequired(ApiError):
    """Say that the workspace is suspended for non-payment."""


class Conflict(ApiError):
    """Say that it exists already, or is held by something else."""


class Unauthorized(ApiError):
    """Say that the credential is missing, wrong, expired or revoked. Never retried blindly."""


class Forbidden(ApiError):
    """Say that the account may not do this."""


class ScopeMissing(Forbidden):
    """Say that the token lacks a scope: ``scopes`` is what the call needs, ``granted`` what there is."""

    scopes: tuple[str, ...] = ()
    granted: tuple[str, ...] | None = None
    holder: str = ""
    place: str = "to the token"
    """Where the scope is added."""

    def __str__(self) -> str:
        """Name the call, the scope it needs and what the token has."""
        if not self.scopes:
            return super().__str__()
        needed = ", ".join(self.scopes)
        line = f"{self.call} needs the scope {needed}"
        if self.granted is None:
            return f"{line}; this token lacks it"
        held = ", ".join(self.granted) or "none"
        return f"{line}; this token{self.holder and f' ({self.holder})'} has {held}. Add it {self.place}."


class NotFound(ApiError):
    """Say that the thing does not exist, or is hidden from this account."""


class RateLimited(ApiError):
    """Say that the server asks for a slower pace; ``retry_after`` says for how long."""


class Expired(NotFound):
    """Say that it came too late: what the request refers to lived for a moment only."""


class QuotaExceeded(RateLimited):
    """Say that a quota of hours or days is used up; it is never repeated, each try makes it worse."""


class StorageRefused(ApiError):
    """Say that the storage of files refused; ``code`` is its own (``AccessDenied``)."""


class ServerFailed(ApiError):
    """Say that the server failed with a 5xx status: a write may have happened."""
