"""What a DDP session reports to its driver.

What it is for: the values that ``Session.receive``, ``on_deadline`` and ``closed`` return. What it
must not do: carry a credential.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tolmach.rocketchat.ddp_frames import Failure

__all__ = [
    "BadFrame",
    "CallDone",
    "CallExpired",
    "CallFailed",
    "CallLost",
    "Complaint",
    "Dropped",
    "GaveUp",
    "LoggedIn",
    "SessionEvent",
    "StreamEvent",
    "Subscribed",
    "SubscriptionEnded",
]


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The session is live on a new socket; wanted subscriptions are on their way."""

    user_id: str


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a stream; ``args`` are EJSON, as sent."""

    collection: str
    event: str
    args: Sequence[object]


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The server confirmed a subscription on this socket."""

    id: str


@dataclass(frozen=True, slots=True)
class SubscriptionEnded:
    """The server refused a subscription, or ended it (``failure`` None); it is wanted no more."""

    id: str
    name: str
    params: Sequence[object]
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class CallDone:
    """A method answered; ``value`` is EJSON, as sent."""

    id: str
    value: object


@dataclass(frozen=True, slots=True)
class CallFailed:
    """A method was refused."""

    id: str
    method: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class CallLost:
    """The socket closed before the answer; if ``sent``, it may have happened."""

    id: str
    method: str
    sent: bool
    reason: str


@dataclass(frozen=True, slots=True)
class CallExpired:
    """No answer came in time; if ``sent``, it may have happened."""

    id: str
    method: str
    sent: bool


@dataclass(frozen=True, slots=True)
class BadFrame:
    """The peer sent something that its protocol does not allow; nothing changed."""

    problem: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """The peer says that a frame of ours made no sense."""

    reason: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """The session wants the socket closed; another one may be opened."""

    reason: str


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The session wants the socket closed and no other: ``version``, or the login's refusal."""

    failure: Failure


SessionEvent = (
    BadFrame
    | CallDone
    | CallExpired
    | CallFailed
    | CallLost
    | Complaint
    | Dropped
    | GaveUp
    | LoggedIn
    | StreamEvent
    | Subscribed
    | SubscriptionEnded
)
