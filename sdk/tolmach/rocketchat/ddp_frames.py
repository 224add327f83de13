"""The frames of DDP version 1, as values.

What it is for: text to a typed frame and back; both servers' dialects are read, Meteor's own and
``ddp-streamer``'s. What it must not do: hold state, or raise on what the peer sent: a frame that
makes no sense is a ``Garbage``. Parameters and results stay EJSON, as they came.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

__all__ = [
    "Accepted",
    "Changed",
    "Failure",
    "Frame",
    "Garbage",
    "Greeting",
    "NoSub",
    "Other",
    "Ping",
    "Pong",
    "ProtocolComplaint",
    "Ready",
    "Result",
    "VersionRefused",
    "connect",
    "method",
    "parse",
    "ping",
    "pong",
    "sub",
    "unsub",
]

EXCERPT = 80
"""Characters of a bad frame that may be shown; enough to recognise it, too few to flood a log."""


LONGEST_WAIT = 300.0
"""Seconds that a server can make this client wait at most; its own windows last a minute."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Say why a method or subscription failed. ``code`` is the server's, numbers as text."""

    code: str
    reason: str = ""
    retry_after: float | None = None
    details: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Greeting:
    """The server's first word, ``server_id``; it says nothing."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """``connected``: the version is agreed."""

    session: str


@dataclass(frozen=True, slots=True)
class VersionRefused:
    """``failed``: the server wants another protocol version, and will close."""

    version: str


@dataclass(frozen=True, slots=True)
class Ping:
    """``ping``, with the id to echo if there is one."""

    id: str | None


@dataclass(frozen=True, slots=True)
class Pong:
    """``pong``."""

    id: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """``changed`` on a stream: one event. The subscription's id is not in the frame."""

    collection: str
    event: str
    args: Sequence[object]


@dataclass(frozen=True, slots=True)
class Ready:
    """``ready``: these subscriptions are live."""

    subs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoSub:
    """``nosub``: a subscription was refused, or has ended (``failure`` is None)."""

    id: str
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Result:
    """``result`` of a method; ``failure`` None means success."""

    id: str
    value: object
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class ProtocolComplaint:
    """``error``: the server did not understand a frame of ours."""

    reason: str


@dataclass(frozen=True, slots=True)
class Other:
    """A frame that is right but means nothing here, such as ``updated`` or ``added``."""

    msg: str


@dataclass(frozen=True, slots=True)
class Garbage:
    """Anything else. ``excerpt`` is its beginning."""

    problem: str
    excerpt: str


Frame = (
    Accepted
    | Changed
    | Garbage
    | Greeting
    | NoSub
    | Other
    | Ping
    | Pong
    | ProtocolComplaint
    | Ready
    | Result
    | VersionRefused
)

_MEANINGLESS = frozenset({"updated", "added", "removed", "addedBefore", "movedBefore"})


def parse(text: str) -> Frame:
    """Read one text frame."""
    try:
        raw: object = json.loads(text)
    except (ValueError, RecursionError):
        return _garbage("not JSON", text)
    if not isinstance(raw, dict):
        return _garbage("not an object", text)
    return _read(cast("dict[str, object]", raw)) or _garbage("not a DDP frame", text)


def _read(raw: dict[str, object]) -> Frame | None:
    match raw:
        case {"msg": "changed", "collection": str() as collection, "fields": dict() as fields}:
            return _stream_event(collection, cast("dict[str, object]", fields))
        case {"msg": "ping"}:
            return Ping(_optional_id(raw))
        case {"msg": "pong"}:
            return Pong(_optional_id(raw))
        case {"msg": "result", "id": str() as call}:
            return Result(call, raw.get("result"), _failure(raw["error"]) if "error" in raw else None)
        case {"msg": "ready", "subs": list() as subs}:
            return Ready(tuple(sub for sub in cast("list[object]", subs) if isinstance(sub, str)))
        case {"msg": "nosub", "id": str() as sub_id}:
            return NoSub(sub_id, _failure(raw["error"]) if "error" in raw else None)
        case {"msg": "connected"}:
            # The session id is of no use: resuming is not implemented by either server.
            return Accepted(str(raw.get("session", "")))
        case {"msg": "failed"}:
            return VersionRefused(str(raw.get("version", "")))
        case {"msg": "error"}:
            return ProtocolComplaint(str(raw.get("reason", "")))
        case {"msg": "server_id"}:
            return Greeting()
        case {"msg": str() as msg} if msg in _MEANINGLESS:
            return Other(msg)
        case {"server_id": _} if "msg" not in raw:
            # Meteor greets without a ``msg`` key.
            return Greeting()
        case _:
            return None


def _stream_event(collection: str, fields: dict[str, object]) -> Frame | None:
    match fields:
        case {"eventName": str() as event, "args": list() as args}:
            return Changed(collection, event, cast("list[object]", args))
        case _ if collection.startswith("stream-"):
            return None
        case _:
            return Other("changed")


def _optional_id(raw: dict[str, object]) -> str | None:
    found = raw.get("id")
    return found if isinstance(found, str) else None


def _failure(raw: object) -> Failure:
    """Read an error object; whatever is there instead of one still is a failure."""
    if not isinstance(raw, dict):
        return Failure(code=str(raw)[:EXCERPT])
    error = cast("dict[str, object]", raw)
    code, details = error.get("error", ""), error.get("details")
    reason = error.get("reason") or error.get("message") or ""
    facts = cast("dict[str, object]", details) if isinstance(details, dict) else None
    wait = facts.get("timeToReset") if facts else None
    return Failure(
        code=str(code),
        reason=str(reason),
        retry_after=max(0.0, min(wait / 1000, LONGEST_WAIT)) if isinstance(wait, int | float) else None,
        details=facts,
    )


def _garbage(problem: str, text: str) -> Garbage:
    return Garbage(problem, text[:EXCERPT])


def connect() -> str:
    """Return the frame that opens a session; the only one allowed first."""
    return '{"msg":"connect","version":"1","support":["1","pre2","pre1"]}'


def ping(identifier: str) -> str:
    """Return a heartbeat question."""
    return _text({"msg": "ping", "id": identifier})


def pong(identifier: str | None) -> str:
    """Return the answer to a heartbeat question: the same id, or none if it had none."""
    return _text({"msg": "pong"} if identifier is None else {"msg": "pong", "id": identifier})


def method(identifier: str, name: str, params: Sequence[object]) -> str:
    """Return a method call; ``params`` are EJSON data already."""
    return _text({"msg": "method", "method": name, "id": identifier, "params": list(params)})


def sub(identifier: str, name: str, params: Sequence[object]) -> str:
    """Return a subscription request."""
    return _text({"msg": "sub", "id": identifier, "name": name, "params": list(params)})


def unsub(identifier: str) -> str:
    """Return the end of a subscription."""
    return _text({"msg": "unsub", "id": identifier})


def _text(frame: dict[str, object]) -> str:
    return json.dumps(frame, separators=(",", ":"))
