"""What every Rocket.Chat document has in common: open, lenient to read, times in UTC.

What it is for: one configuration and three field types for all models. The same model reads a
REST answer (ISO 8601 dates) and an EJSON frame (``{"$date": milliseconds}``). What it must not do:
guess a meaning; a document is what the server said, and ``model_fields_set`` tells a field that was
null from one that was absent.
"""

from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict

from tolmach.transport.compact import CompactModel
from tolmach.transport.marks import Known, Maybe, NeverNull

__all__ = ["Document", "Known", "Many", "Maybe", "NeverNull", "Timestamp"]

T = TypeVar("T")


class Document(CompactModel):
    """Be the root of all models: fields unknown here are kept in ``model_extra``."""

    model_config = ConfigDict(
        extra="allow", defer_build=True, populate_by_name=True, coerce_numbers_to_str=True
    )


def _moment(value: object) -> object:
    """Turn every way in which the server writes a time into one that pydantic reads."""
    match value:
        case {"$date": int() | float() as milliseconds}:
            return _from_milliseconds(milliseconds)
        case int() | float() if not isinstance(value, bool):
            return _from_milliseconds(value)
        case str() if value.lstrip("-").isdigit():
            return _from_milliseconds(int(value))
        case _:
            return value


def _from_milliseconds(value: float) -> datetime:
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("a time far outside the calendar") from error


def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _null_as_empty(value: object) -> object:
    return [] if value is None else value


Timestamp = Annotated[datetime, BeforeValidator(_moment), AfterValidator(_in_utc)]
"""An aware UTC time, read from ISO 8601, ``{"$date": ms}``, milliseconds or their digits."""

Many = Annotated[list[T], BeforeValidator(_null_as_empty)]
"""A list; null is read as an empty one."""
