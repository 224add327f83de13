"""EJSON: JSON that can also carry times and bytes, as Meteor's realtime protocol writes it.

What it is for: turning ``{"$date": ms}``, ``{"$binary": "…"}``, ``{"$escape": …}`` and
``{"$type", "$value"}`` into Python values and back. What it must not do: raise on what a peer sent;
an object that only looks like EJSON is left as it is.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

__all__ = ["decode", "encode", "milliseconds"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPECIAL = frozenset({"$date", "$binary", "$escape", "$type", "$value", "$InfNaN", "$regexp", "$flags"})


def decode(value: object) -> object:
    """Return ``value`` with EJSON objects turned into aware datetimes and bytes.

    ``{"$date": null}`` becomes None. Custom types (``{"$type", "$value"}``) become their value, other
    kinds stay as they are.
    """
    if isinstance(value, dict):
        return _decode_object(cast("dict[str, object]", value))
    if isinstance(value, list):
        return [decode(item) for item in cast("list[object]", value)]
    return value


def encode(value: object) -> object:
    """Return ``value`` as plain JSON data, with datetimes and bytes as EJSON objects.

    A naive datetime is refused with ValueError: the server knows UTC only.
    """
    match value:
        case datetime():
            return {"$date": milliseconds(value)}
        case bytes():
            return {"$binary": base64.b64encode(value).decode("ascii")}
        case Mapping():
            plain = {key: encode(item) for key, item in cast("Mapping[str, object]", value).items()}
            return {"$escape": plain} if _looks_special(plain) else plain
        case list() | tuple():
            return [encode(item) for item in cast("list[object]", value)]
        case _:
            return value


def milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since the epoch."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be sent")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _looks_special(value: dict[str, object]) -> bool:
    return len(value) <= 2 and not _SPECIAL.isdisjoint(value)


def _decode_object(value: dict[str, object]) -> object:
    if _looks_special(value):
        match value:
            case {"$date": None} if len(value) == 1:
                return None
            case {"$date": int() | float() as moment} if len(value) == 1 and not isinstance(moment, bool):
                return _date(moment, value)
            case {"$binary": str() as text} if len(value) == 1:
                return _bytes(text, value)
            case {"$escape": dict() as inner} if len(value) == 1:
                # One level only: the inner object's own keys are literal, its values are EJSON again.
                return {key: decode(item) for key, item in cast("dict[str, object]", inner).items()}
            case {"$type": str(), "$value": inner}:
                return decode(inner)
            case _:
                pass
    return {key: decode(item) for key, item in value.items()}


def _date(moment: float, whole: dict[str, object]) -> object:
    try:
        return _EPOCH + timedelta(milliseconds=moment)
    except (OverflowError, ValueError):
        return whole


def _bytes(text: str, whole: dict[str, object]) -> object:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return whole
