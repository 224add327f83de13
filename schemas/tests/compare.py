"""Compare the SDK's models with the written schemas, field by field.

What it is for: the two are written by hand, independently, from the same facts; where they differ one is
wrong, or the difference is wanted and stands in `pending`. What it must not do: repair either side, or
compare anything by its Python name.

A field is compared by its name on the wire: present, required, nullable, type (with the type of a list's
items and a map's values), known values, format, and where it is asked for its limits. A model is open when
it reads and closed when it sends; a schema is always closed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from pydantic import BaseModel

__all__ = ["Field", "Shape", "differences", "shape_of_model", "shape_of_schema"]

Json = Mapping[str, object]
_LIMITS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")


@dataclass(frozen=True, slots=True)
class Field:
    """One field as both sides can say it.

    ``values`` are the known ones of a closed or open set; ``limits`` are those of the value, then of its
    items, such as "maxItems 8".
    """

    required: bool
    nullable: bool
    type: str
    values: frozenset[str]
    format: str
    limits: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One object; ``closed`` says whether other fields are refused."""

    fields: Mapping[str, Field]
    closed: bool


def differences(
    name: str, model: Shape, schema: Shape, *, sent: bool = False, limits: bool = False
) -> Iterator[str]:
    """Yield one line for every aspect of every field in which the two differ."""
    if not schema.closed:
        yield f"{name}: the schema is open"
    if model.closed is not sent:
        yield f"{name}: the model is {'closed' if model.closed else 'open'}"
    for field in sorted({*model.fields, *schema.fields}):
        ours, theirs = model.fields.get(field), schema.fields.get(field)
        where = f"{name}.{field}"
        if ours is None:
            yield f"{where}: only in the schema"
        elif theirs is None:
            yield f"{where}: only in the model"
        else:
            yield from _field(where, ours, theirs)
            if limits and ours.limits != theirs.limits:
                ours_are, theirs_are = ours.limits or "none", theirs.limits or "none"
                yield f"{where}: limits {ours_are} in the model, {theirs_are} in the schema"


def _field(where: str, model: Field, schema: Field) -> Iterator[str]:
    if model.required != schema.required:
        yield f"{where}: required in the {'model' if model.required else 'schema'} only"
    if model.nullable != schema.nullable:
        yield f"{where}: null in the {'model' if model.nullable else 'schema'} only"
    if model.type != schema.type:
        yield f"{where}: {model.type} in the model, {schema.type} in the schema"
    if model.format != schema.format:
        ours, theirs = model.format or "none", schema.format or "none"
        yield f"{where}: format {ours} in the model, {theirs} in the schema"
    if model.values != schema.values:
        more, less = sorted(model.values - schema.values), sorted(schema.values - model.values)
        yield f"{where}: values only in the model {more}, only in the schema {less}"


def shape_of_model(model: type[BaseModel]) -> Shape:
    """Return what a pydantic model says of itself."""
    described = model.model_json_schema(by_alias=True)
    return _shape(_resolved(described, described), described)


def shape_of_schema(schema: Json, document: Json) -> Shape:
    """Return what a written schema says; ``document`` holds what it refers to."""
    return _shape(_resolved(schema, document), document)


def _shape(schema: Json, document: Json) -> Shape:
    required = cast("list[str]", schema.get("required", []))
    properties = cast("Mapping[str, Json]", schema.get("properties", {}))
    fields = {name: _read(one, document, required=name in required) for name, one in properties.items()}
    return Shape(fields, schema.get("additionalProperties") is False)


def _read(schema: Json, document: Json, *, required: bool) -> Field:
    choices = [one for one in _choices(schema, document) if not _is_null(one)]
    nullable = any(_is_null(one) or _allows_null(one) for one in _choices(schema, document))
    types = sorted({_type(one, document) for one in choices} - {"text" if _words(choices) else ""})
    if _words(choices):
        types = sorted({*types, "text"})
    formats = sorted({str(one.get("format", "")) for one in choices} - {""})
    limits = sorted({_limits(one, document) for one in choices} - {""})
    return Field(
        required,
        nullable,
        " or ".join(types),
        frozenset(_values(choices)),
        " or ".join(formats),
        " or ".join(limits),
    )


def _limits(schema: Json, document: Json) -> str:
    """Return the limits of a value; a lower end of nothing is none."""
    own = [f"{word} {schema[word]}" for word in _LIMITS if schema.get(word)]
    if schema.get("type") == "array":
        own.extend(
            _limits(one, document) for one in _choices(cast("Json", schema.get("items", {})), document)
        )
    return ", ".join(one for one in own if one)


def _choices(schema: Json, document: Json) -> list[Json]:
    """Return the alternatives of a schema, references followed."""
    schema = _resolved(schema, document)
    found: list[Json] = []
    for keyword in ("anyOf", "oneOf"):
        for one in cast("list[Json]", schema.get(keyword, [])):
            if set(one) != {"required"}:
                found.extend(_choices(one, document))
    return found or [schema]


def _resolved(schema: Json, document: Json) -> Json:
    """Follow references; an annotation beside one stays, an ``anyOf`` of required fields is no choice."""
    while "$ref" in schema:
        target: object = document
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = cast("Json", target)[step]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**cast("Json", target), **rest}
    return schema


def _is_null(schema: Json) -> bool:
    return schema.get("type") == "null"


def _allows_null(schema: Json) -> bool:
    kinds = schema.get("type")
    values = cast("list[object]", schema.get("enum", []))
    return (isinstance(kinds, list) and "null" in kinds) or None in values


def _words(choices: list[Json]) -> bool:
    return any(isinstance(value, str) for one in choices for value in _listed(one))


def _listed(schema: Json) -> list[object]:
    if "const" in schema:
        return [schema["const"]]
    return cast("list[object]", schema.get("enum", schema.get("x-known-values", [])))


def _values(choices: list[Json]) -> Iterator[str]:
    for one in choices:
        yield from (value for value in _listed(one) if isinstance(value, str))


def _type(schema: Json, document: Json) -> str:
    listed = [value for value in _listed(schema) if value is not None]
    kinds = schema.get("type")
    kind = (
        next((one for one in cast("list[str]", kinds) if one != "null"), "")
        if isinstance(kinds, list)
        else kinds
    )
    if kind is None and listed:
        kind = {str: "string", bool: "boolean", int: "integer"}[type(listed[0])]
    match kind:
        case "string":
            return "text"
        case "array":
            return f"list of {_kind(cast('Json', schema.get('items', {})), document)}"
        case "object":
            values = schema.get("additionalProperties")
            if isinstance(values, dict) and "properties" not in schema:
                return f"map of {_kind(cast('Json', values), document)}"
            return "object"
        case None:
            return "anything"
        case _:
            return str(kind)


def _kind(schema: Json, document: Json) -> str:
    return " or ".join(
        sorted({_type(one, document) for one in _choices(schema, document) if not _is_null(one)})
    )
