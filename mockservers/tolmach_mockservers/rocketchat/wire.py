"""How values look on Rocket.Chat's wires: JSON for REST, EJSON for DDP, and error bodies.

What it is for: the one place that spells bytes. Documents hold `Stamp` for a time; REST writes it
as an ISO string, DDP as ``{"$date": ms}``. What it must not do: decide anything.
Source: https://developer.rocket.chat/apidocs
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from tolmach_mockservers.rocketchat.errors import Answer, Forbidden, MeteorError, PlainError

__all__ = [
    "INTERNAL_ERROR",
    "Json",
    "Stamp",
    "changed_frame",
    "ddp_error",
    "ejson",
    "iso",
    "rest_error",
    "rest_json",
    "too_many_requests",
    "unwrap",
    "utf16_length",
]

Json = dict[str, object]
"""A document on its way to the wire."""


class Stamp:
    """Hold a point in time inside a document, in milliseconds; ``None`` is JavaScript's invalid date."""

    __slots__ = ("ms",)

    def __init__(self, ms: int | None) -> None:
        self.ms = ms

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stamp) and other.ms == self.ms

    def __hash__(self) -> int:
        return hash(self.ms)

    def __repr__(self) -> str:
        return f"Stamp({self.ms})"


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def iso(ms: int) -> str:
    """Return milliseconds since the epoch as REST writes a date."""
    seconds, rest = divmod(ms, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


def _as_iso(value: object) -> object:
    if isinstance(value, Stamp):
        return None if value.ms is None else iso(value.ms)
    raise TypeError(f"{type(value).__name__} does not belong on the wire")


def _as_date(value: object) -> object:
    if isinstance(value, Stamp):
        return {"$date": value.ms}
    raise TypeError(f"{type(value).__name__} does not belong on the wire")


_rest = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_as_iso).encode
_ejson = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_as_date).encode
_rest_ascii = json.JSONEncoder(separators=(",", ":"), default=_as_iso).encode
_ejson_ascii = json.JSONEncoder(separators=(",", ":"), default=_as_date).encode


def rest_json(body: object) -> bytes:
    """Return a REST body."""
    try:
        return _rest(body).encode()
    except UnicodeEncodeError:
        # A lone surrogate can only be written as an escape, which is what JavaScript does too.
        return _rest_ascii(body).encode()


def ejson(value: object) -> str:
    """Return a value as EJSON text."""
    text = _ejson(value)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _ejson_ascii(value)
    return text


def unwrap(value: object) -> object:
    """Return a parsed EJSON value with ``{"$date": ms}`` turned into `Stamp`."""
    if isinstance(value, dict):
        if len(value) == 1 and "$date" in value:
            ms = value["$date"]
            return Stamp(int(ms) if isinstance(ms, int | float) else None)
        return {str(name): unwrap(item) for name, item in value.items()}
    if isinstance(value, list):
        return [unwrap(item) for item in value]
    return value


def utf16_length(text: str) -> int:
    """Return how long JavaScript finds a string."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def changed_frame(collection: str, event: str, args: str) -> str:
    """Return a stream event; ``args`` is the EJSON text between the brackets.

    ``id`` is literally "id", as the vendor sends it.
    """
    return (
        f'{{"msg":"changed","collection":"{collection}","id":"id",'
        f'"fields":{{"eventName":{ejson(event)},"args":[{args}]}}}}'
    )


INTERNAL_ERROR: Final[Mapping[str, object]] = {"success": False, "error": "Internal server error"}


def rest_error(error: Exception) -> tuple[int, Mapping[str, object]]:
    """Return status and body for what a handler raised."""
    match error:
        case Answer(status=status, body=body):
            return status, body
        case MeteorError(code="error-unauthorized"):
            # The router maps this one code to forbidden(); it keeps its text.
            return 403, {"success": False, "error": error.message}
        case MeteorError():
            shown: Json = {"success": False, "error": error.message, "errorType": error.code}
            if error.details:
                shown["details"] = error.details
            return 400, shown
        case PlainError(text=None):
            return 400, {"success": False}
        case PlainError(text=text):
            return 400, {"success": False, "error": text}
        case Forbidden():
            return 403, {"success": False, "error": "unauthorized"}
        case _:
            return 500, INTERNAL_ERROR


def ddp_error(error: Exception) -> Json:
    """Return the error object of a ``result`` or ``nosub`` frame."""
    if not isinstance(error, MeteorError):
        error = MeteorError(500, "Internal server error")
    shown: Json = {"isClientSafe": True, "error": error.code}
    if error.reason:
        shown["reason"] = error.reason
    shown["message"] = error.message
    if error.details:
        shown["details"] = error.details
    shown["errorType"] = "Meteor.Error"
    return shown


def too_many_requests(wait_ms: int, *, ddp: bool = False) -> MeteorError:
    """Return the limiter's refusal; REST names the endpoint, DDP has the wait in ``details``."""
    seconds = -(-wait_ms // 1000)
    ask = f"Error, too many requests. Please slow down. You must wait {seconds} seconds before trying"
    if ddp:
        return MeteorError("too-many-requests", f"{ask} again.", {"timeToReset": wait_ms})
    return MeteorError("error-too-many-requests", f"{ask} this endpoint again.")
