"""Marks on model fields that a JSON Schema can be made from, shared by all platforms.

What it is for: saying that a field is never null, or that a set of values is open, where a Python type
cannot. What it must not do: know a platform.
"""

from typing import Annotated, TypeVar, cast

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

__all__ = ["Known", "Maybe", "NeverNull"]

T = TypeVar("T")


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


Maybe = Annotated[T | None, NeverNull()]
"""A field that may be absent: None then, and never null on the wire."""
