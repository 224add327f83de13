"""The schema and the fake, two witnesses, agree about the limits of every single field of every request."""

import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import pytest

from tolmach_mockservers.pachca.call import ROUTES
from tolmach_mockservers.pachca.errors import Item
from tolmach_mockservers.pachca.shape import Shape
from tolmach_schemas import Operation, load, operations

importlib.import_module("tolmach_mockservers.pachca.routes")

Json = dict[str, Any]
DOCUMENT: Final = cast("Json", load("pachca/openapi"))
OPERATIONS: Final[Mapping[str, Operation]] = {f"{one.method} {one.path}": one for one in operations("pachca")}

OTHERWISE: Final[Mapping[str, str]] = {
    r".*/messages.* message\.buttons\..*": "rows in rows are read by a rule of their own",
    r"POST /messages message\.entity_type": "any case will do, and what is none is 400",
    r"GET /files/\{id\} \?target": "what is none is 400",
    r"POST /oauth/token grant_type": "has a code of its own",
    r"POST /oauth/revoke token_type_hint": "a hint that means nothing is no reason to keep a token",
    r".* user\.list_tags.*": "a list that cannot be read is ignored",
    r"PUT /users/\{id\} user\.role": "an unknown role is ignored",
}


def resolved(schema: Json) -> Json:
    while "$ref" in schema:
        found: Any = DOCUMENT
        for word in str(schema["$ref"])[2:].split("/"):
            found = found[word]
        schema = found
    some = [each for each in schema.get("anyOf", schema.get("oneOf", [])) if each.get("type") != "null"]
    return resolved(some[0]) if len(some) == 1 else schema


def kind_of(schema: Json) -> object:
    kind = schema.get("type")
    return next(each for each in kind if each != "null") if isinstance(kind, list) else kind


def leaves(schema: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    schema = resolved(schema)
    for name, inner in schema.get("properties", {}).items():
        yield from leaves(inner, (*path, name))
    if kind_of(schema) == "array":
        yield from leaves(schema["items"], (*path, "[]"))
    elif path and kind_of(schema) in {"string", "integer", "boolean"}:
        yield path, schema


def values(schema: Json) -> tuple[list[object], list[object]]:
    """Return what just fits a field, and what just does not."""
    kind, good, bad = kind_of(schema), list[object](), list[object]()
    if "maxLength" in schema:
        good.append("x" * schema["maxLength"])
        bad.append("x" * (schema["maxLength"] + 1))
    if "enum" in schema:
        good += [each for each in schema["enum"] if each is not None]
        bad.append("no such value")
    for name, step in (("minimum", -1), ("maximum", 1)):
        if name in schema:
            good.append(schema[name])
            bad.append(schema[name] + step)
    if schema.get("format") in {"date", "date-time"}:
        bad.append("tomorrow")
    bad.append([] if kind == "string" else "many")
    return good, bad


def refused(shape: Shape, path: tuple[str, ...], value: object) -> list[str]:
    """Return what the fake says about one field, whatever else is missing."""
    items: list[Item] = []
    given = value
    for name in reversed(path):
        given = [given] if name == "[]" else {name: given}
    shape.read_into(cast("Json", given), [], items, "")
    key = ".".join(name for name in path if name != "[]")
    return [each.code for each in items if each.key == key]


def fields() -> Iterator[tuple[str, Shape, tuple[str, ...], Json]]:
    for name, one in OPERATIONS.items():
        route = ROUTES.get(name)
        if route is None:
            continue
        described = cast("Json", one.described)
        if route.body is not None and route.kind in {"json", "form", "optional"}:
            for media in described["requestBody"]["content"].values():
                for path, schema in leaves(media["schema"]):
                    yield f"{name} {'.'.join(path)}", route.body, path, schema
        if route.query is not None:
            for path, schema in leaves(cast("Json", described["x-query"])):
                yield f"{name} ?{'.'.join(path)}", route.query, path, schema


FIELDS: Final = [each for each in fields() if not any(re.fullmatch(one, each[0]) for one in OTHERWISE)]


def test_there_is_a_field_behind_every_reason_to_differ() -> None:
    names = [name for name, *_ in fields()]
    assert [one for one in OTHERWISE if not any(re.fullmatch(one, each) for each in names)] == []
    assert len(FIELDS) > 200


@pytest.mark.parametrize(("name", "shape", "path", "schema"), FIELDS, ids=[each[0] for each in FIELDS])
def test_the_fake_keeps_the_limits_that_are_written(
    name: str, shape: Shape, path: tuple[str, ...], schema: Json
) -> None:
    good, bad = values(schema)
    assert [each for each in good if refused(shape, path, each)] == [], name
    assert [each for each in bad if not refused(shape, path, each)] == [], name
