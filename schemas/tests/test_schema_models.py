"""Models and schemas say the same, and an error of one field on either side is noticed."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

import pytest
from compare import differences, shape_of_model, shape_of_schema
from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo
from schema_pairs import NO_PARTNER, PAIRS, Pair, all_models
from schema_pending import expected

Json = dict[str, object]


def found(pairs: tuple[Pair, ...] = PAIRS) -> set[str]:
    return {
        line
        for pair in pairs
        for line in differences(
            pair.name,
            shape_of_model(pair.model),
            shape_of_schema(pair.schema, pair.document),
            sent=pair.sent,
        )
    }


def test_models_and_schemas_differ_only_where_it_is_known_and_why() -> None:
    seen, known = found(), set(expected())
    assert not (new := sorted(seen - known)), "\n".join(["new differences: one side is wrong", *new])
    assert not (gone := sorted(known - seen)), "\n".join(["no longer true: take out of pending.py", *gone])


def test_every_model_has_a_partner_or_a_reason() -> None:
    paired = {pair.model.__name__ for pair in PAIRS}
    assert {model.__name__ for model in all_models()} == paired | set(NO_PARTNER)


def the(name: str) -> Pair:
    return next(pair for pair in PAIRS if pair.name == name)


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


SCHEMA_ERRORS: Mapping[str, tuple[str, SchemaError]] = {
    "rename": ("Message", renamed("tmid", "threadId")),
    "drop": ("Room", dropped("usernames")),
    "required becomes optional": ("Message", required_flipped("_updatedAt")),
    "optional becomes required": ("Subscription", required_flipped("roles")),
    "nullable": ("User", nullable("name")),
    "a value too many": (
        "Mention",
        replaced("type", {"enum": ["user", "team", "role"]}),
    ),
    "a value too few": ("Attachment", replaced("type", {"enum": ["file"]})),
    "format": ("Message", replaced("tlm", {"type": "string"})),
    "type": ("Room", replaced("usersCount", {"type": "string"})),
    "closedness": ("ChatRequest", opened),
}


@pytest.mark.parametrize("error", SCHEMA_ERRORS)
def test_an_error_in_one_field_of_a_schema_is_noticed(error: str) -> None:
    name, spoil = SCHEMA_ERRORS[error]
    pair = the(name)
    spoilt = copy.deepcopy(dict(pair.schema))
    spoil(spoilt)
    assert found((replace(pair, schema=spoilt),)) != found((pair,))


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


MODEL_ERRORS: Mapping[str, tuple[str, ModelError]] = {
    "rename": ("Message", aliased("room_id", "roomId")),
    "drop": ("Subscription", left_out("thread_unread")),
    "required becomes optional": ("Message", made("text", str, default="")),
    "optional becomes required": ("Room", made("topic", str, default=...)),
    "nullable": ("Message", never_null_forgotten("edited_at")),
    "a value too many": ("Mention", known_value("type", "user", "team", "group")),
    "a value too few": ("Room", known_value("kind", "c", "p", "d")),
    "format": ("Message", made("ts", str)),
    "type": ("Message", made("thread_count", str)),
    "type of items": ("Room", made("muted", list[int], default=[])),
}


@pytest.mark.parametrize("error", MODEL_ERRORS)
def test_an_error_in_one_field_of_a_model_is_noticed(error: str) -> None:
    name, spoil = MODEL_ERRORS[error]
    pair = the(name)
    assert found((replace(pair, model=rebuilt(pair.model, fields_of(pair.model))),)) == found((pair,))
    fields = fields_of(pair.model)
    spoil(fields)
    assert found((replace(pair, model=rebuilt(pair.model, fields)),)) != found((pair,))


def rebuilt(model: type[BaseModel], fields: Mapping[str, tuple[object, FieldInfo]]) -> type[BaseModel]:
    make = cast("Callable[..., type[BaseModel]]", create_model)
    return make(model.__name__, __config__=model.model_config, __module__=model.__module__, **fields)
