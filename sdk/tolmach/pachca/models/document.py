"""What every Pachca document has in common, those read and those sent.

What it is for: two roots and the field types. What is read is open: unknown fields are kept, a field
that was null is told from an absent one by ``model_fields_set``. What is sent is closed and checked:
only the fields that were given travel, so that a null can be sent and an absence means unchanged. What
it must not do: guess a meaning.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Annotated, ClassVar, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic import GetJsonSchemaHandler as Handler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from tolmach.transport.compact import CompactModel
from tolmach.transport.marks import Maybe, NeverNull

__all__ = [
    "Body",
    "Day",
    "Document",
    "Given",
    "Many",
    "Maybe",
    "Moment",
    "Nullable",
    "Sent",
    "Short",
    "TimeOfDay",
    "Timestamp",
]

T = TypeVar("T")

Body = dict[str, object]


class _Always:
    """Mark a field that the vendor always sends; one that is missing is read as empty all the same."""


class Document(CompactModel):
    """Be the root of all that is read: fields unknown here are kept in ``model_extra``."""

    model_config = ConfigDict(extra="allow", defer_build=True, populate_by_name=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: Handler) -> JsonSchemaValue:
        """Describe the fields that the vendor always sends as required."""
        described = handler.resolve_ref_schema(handler(core_schema))
        always = [
            info.alias or name
            for name, info in cls.model_fields.items()
            if any(isinstance(mark, _Always) for mark in info.metadata)
        ]
        if always:
            required = cast("list[str]", described.get("required", []))
            described["required"] = [*required, *(name for name in always if name not in required)]
        return described


class Sent(BaseModel):
    """Be the root of all that is sent: no other fields, and limits are checked when it is made."""

    model_config = ConfigDict(extra="forbid", defer_build=True, populate_by_name=True)

    constant: ClassVar[frozenset[str]] = frozenset({"type", "grant_type"})
    """Fields that travel although nobody gives them."""

    def model_post_init(self, context: object, /) -> None:
        """Count the constant fields as given."""
        del context
        self.model_fields_set.update(self.constant & type(self).model_fields.keys())

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: Handler) -> JsonSchemaValue:
        """Describe the constant fields as required: they always travel."""
        described = handler.resolve_ref_schema(handler(core_schema))
        always = [name for name in cls.model_fields if name in cls.constant]
        if always:
            described["required"] = [*always, *cast("list[str]", described.get("required", []))]
        return described

    def to_wire(self) -> Body:
        """Return the JSON object that travels: what was given, nothing else."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


@lru_cache(maxsize=64)  # most documents were changed last when they were made: one object for both
def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs a time zone")
    return value


def _null_as_empty(value: object) -> object:
    return [] if value is None else value


def _not_null(value: T) -> T:
    if value is None:
        raise ValueError("null cannot be sent here; leave the field out")
    return value


def _minutes(value: time) -> str:
    return value.strftime("%H:%M")


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Timestamp = Annotated[datetime, AfterValidator(_in_utc)]
"""An aware UTC time; one that came without an offset is UTC."""

Nullable = Annotated[T | None, _Always()]
"""A field that is always there and may be null."""

Many = Annotated[list[T], BeforeValidator(_null_as_empty), _Always()]
"""A list that is always there; null is read as an empty one."""

Moment = Annotated[datetime, AfterValidator(_aware), PlainSerializer(_iso, when_used="json")]
"""An aware time to send; a naive one is refused."""

Day = date
"""``YYYY-MM-DD``."""

TimeOfDay = Annotated[time, PlainSerializer(_minutes, when_used="json"), WithJsonSchema({"type": "string"})]
"""``HH:mm``; the API drops seconds."""

Given = Annotated[T | None, AfterValidator(_not_null), NeverNull()]
"""A field to send that may be left out but never be null."""

Short = Annotated[str, Field(max_length=255)]
