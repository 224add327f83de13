"""Errors of one field, put into a schema or a model on purpose, and the finding of them.

What it is for: showing that the comparison of models and schemas sees what it should. What it must not do:
know a platform.
"""

import copy
from collections.abc import Callable, Mapping
from typing import cast

from compare import differences, shape_of_model, shape_of_schema
from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo
from schema_pairs import Pair

__all__ = [
    "ModelError",
    "SchemaError",
    "aliased",
    "dropped",
    "fields_of",
    "found",
    "known_value",
    "left_out",
    "made",
    "never_null_forgotten",
    "nullable",
    "opened",
    "rebuilt",
    "renamed",
    "replaced",
    "required_flipped",
]

Json = dict[str, object]


def found(pairs: tuple[Pair, ...]) -> set[str]:
    return {
        line
        for pair in pairs
        for line in differences(
            pair.name,
            shape_of_model(pair.model),
            shape_of_schema(pair.schema, pair.document),
            sent=pair.sent,
            limits=pair.limits,
        )
    }


SchemaError = Callable[[Json], None]


def properties(schema: Json) -> Json:
    return cast("Json", schema["properties"])


def renamed(old: str, new: str) -> SchemaError:
    def error(schema: Json) -> None:
        properties(schema)[new] = properties(schema).pop(old)

    return error


def dropped(field: str) -> SchemaError:
    def error(schema: Json) -> None:
        del properties(schema)[field]

    return error


def required_flipped(field: str) -> SchemaError:
    def error(schema: Json) -> None:
        required = cast("list[str]", schema.setdefault("required", []))
        required.remove(field) if field in required else required.append(field)

    return error


def nullable(field: str) -> SchemaError:
    def error(schema: Json) -> None:
        properties(schema)[field] = {"anyOf": [properties(schema)[field], {"type": "null"}]}

    return error


def replaced(field: str, schema_of_field: Json) -> SchemaError:
    def error(schema: Json) -> None:
        properties(schema)[field] = schema_of_field

    return error


def opened(schema: Json) -> None:
    schema["additionalProperties"] = True


ModelError = Callable[[dict[str, tuple[object, FieldInfo]]], None]


def fields_of(model: type[BaseModel]) -> dict[str, tuple[object, FieldInfo]]:
    return {name: (info.annotation, copy.deepcopy(info)) for name, info in model.model_fields.items()}


def aliased(field: str, alias: str) -> ModelError:
    def error(fields: dict[str, tuple[object, FieldInfo]]) -> None:
        info = fields[field][1]
        info.alias = info.validation_alias = info.serialization_alias = alias

    return error


def left_out(field: str) -> ModelError:
    def error(fields: dict[str, tuple[object, FieldInfo]]) -> None:
        del fields[field]

    return error


def made(field: str, annotation: object, **changes: object) -> ModelError:
    """Give the field another type; its alias stays."""

    def error(fields: dict[str, tuple[object, FieldInfo]]) -> None:
        old = fields[field][1]
        default = changes.get("default", old.default)
        fields[field] = (annotation, FieldInfo(default=default, alias=old.alias, annotation=None))

    return error


def never_null_forgotten(field: str) -> ModelError:
    def error(fields: dict[str, tuple[object, FieldInfo]]) -> None:
        info = fields[field][1]
        info.metadata = [mark for mark in info.metadata if type(mark).__name__ != "NeverNull"]

    return error


def known_value(field: str, *values: str) -> ModelError:
    def error(fields: dict[str, tuple[object, FieldInfo]]) -> None:
        mark = next(mark for mark in fields[field][1].metadata if type(mark).__name__ == "Known")
        mark.values = values

    return error


def rebuilt(model: type[BaseModel], fields: Mapping[str, tuple[object, FieldInfo]]) -> type[BaseModel]:
    """Make the model again of ``fields``, on the root it stands on: the nearest one without fields."""
    above = (base for base in model.__mro__[1:] if issubclass(base, BaseModel))
    root = next(base for base in above if not base.model_fields)
    make = cast("Callable[..., type[BaseModel]]", create_model)
    return make(model.__name__, __base__=root, __module__=model.__module__, **fields)
