"""What every Rocket.Chat document has in common: open, lenient to read, times in UTC.

What it is for: one configuration and three field types for all models. The same model reads a
REST answer (ISO 8601 dates) and an EJSON frame (``{"$date": milliseconds}``). What it must not do:
guess a meaning; a document is what the server said, and ``model_fields_set`` tells a field that was
null from one that was absent.
"""

from datetime import UTC, datetime
from typing import Annotated, TypeVar, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

__all__ = ["Document", "Known", "Many", "Maybe", "NeverNull", "Timestamp"]

T = TypeVar("T")


class Document(BaseModel):
    """Be the root of all models: fields unknown here are kept in ``model_extra``."""

    model_config = ConfigDict(
        extra="allow", defer_build=True, populate_by_name=True, coerce_numbers_to_str=True
    )


class NeverNull:
    """Mark a field that the vendor leaves out rather than sets to null; a null is read as None."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the type without its null."""
        described = handler(core_schema)
        choices = described.get("anyOf")
        if not isinstance(choices, list):
            return described
        real = [choice for choice in cast("list[JsonSchemaValue]", choices) if choice != {"type": "null"}]
        if len(real) == 1:
            rest = {key: value for key, value in described.items() if key != "anyOf"}
            return {**rest, **real[0]}
        return {**described, "anyOf": real}


class Known:
    """Name the values known today of an open set; any other text is read all the same."""

    def __init__(self, *values: str) -> None:
        self.values = values

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the type with ``x-known-values`` in place of a closed ``enum``."""
        return {**handler(core_schema), "x-known-values": list(self.values)}


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

Maybe = Annotated[T | None, NeverNull()]
"""A field that may be absent: None then, and never null on the wire."""

Many = Annotated[list[T], BeforeValidator(_null_as_empty)]
"""A list; null is read as an empty one."""
