"""The fake Pachca reads the fields that are written down, and asks for those that are required."""

import importlib
from collections.abc import Mapping
from typing import cast

import pytest

from tolmach_mockservers.pachca.call import ROUTES, Route
from tolmach_mockservers.pachca.shape import Shape
from tolmach_schemas import Operation, load, operations

Json = Mapping[str, object]
Names = dict[str, bool]

importlib.import_module("tolmach_mockservers.pachca.routes")

COMPONENTS = cast("Mapping[str, Mapping[str, Json]]", load("pachca/openapi")["components"])["schemas"]
OPERATIONS = {f"{one.method} {one.path}": one for one in operations("pachca")}
READ = sorted(OPERATIONS.keys() & ROUTES.keys())

FREE = ("view", "link_previews")
"""Read by rules of their own: the fields depend on the block's type, or are addresses."""

OTHERWISE: Mapping[str, tuple[str, str]] = {
    "GET /chats": ("sort[id] sort[last_message_at] page per", "older requests are answered, and recorded"),
    "GET /messages": ("sort[id] page per", "older requests are answered, and recorded"),
    "POST /messages": (
        "message.files.file_type message.files.id message.buttons.text message.buttons.url "
        "message.buttons.data",
        "one reader for files of new and changed messages; buttons are judged by a rule",
    ),
    "PUT /messages/{id}": (
        "message.files.id message.buttons.text message.buttons.url message.buttons.data",
        "likewise",
    ),
    "POST /oauth/token": (
        "grant_type code redirect_uri token token_type_hint",
        "one reader for both forms; what is missing is refused in OAuth's own words",
    ),
    "POST /oauth/revoke": ("grant_type code redirect_uri code_verifier token", "likewise"),
    **dict.fromkeys(
        (
            *("PUT /bots/{id}/avatar", "PUT /chats/{id}/avatar", "PUT /profile/avatar"),
            "PUT /users/{user_id}/avatar",
        ),
        ("image", "a picture is no field"),
    ),
}


def followed(schema: Json) -> Json:
    """Return the object that a schema is about: references, lists and null are left behind."""
    while True:
        if "$ref" in schema:
            schema = COMPONENTS[str(schema["$ref"]).rpartition("/")[2]]
        elif schema.get("type") == "array":
            schema = cast("Json", schema["items"])
        elif choices := [
            one for one in cast("list[Json]", schema.get("anyOf", [])) if one.get("type") != "null"
        ]:
            schema = choices[0]
        else:
            return schema


def written(schema: Json, at: str = "") -> Names:
    schema, found = followed(schema), Names()
    for name, inner in cast("Mapping[str, Json]", schema.get("properties", {})).items():
        found[at + name] = name in cast("list[str]", schema.get("required", []))
        if name not in FREE:
            found |= written(inner, f"{at}{name}.")
    return found


def read(shape: Shape | None, at: str = "") -> Names:
    found = Names()
    for name, field in shape._fields.items() if shape is not None else ():
        found[at + name] = field.required
        if name not in FREE:
            found |= read(field.inner, f"{at}{name}.")
    return found


def differing(one: Operation, route: Route) -> set[str]:
    content = cast("Mapping[str, Mapping[str, Mapping[str, Json]]]", one.described.get("requestBody", {}))
    bodies = [media["schema"] for media in content.get("content", {}).values()]
    ours = {**written(cast("Json", one.described["x-query"])), **(written(bodies[0]) if bodies else {})}
    theirs = {**read(route.query), **read(route.body)}
    return {name for name in ours.keys() | theirs.keys() if ours.get(name) is not theirs.get(name)}


@pytest.mark.parametrize("name", READ)
def test_the_fake_reads_what_is_written(name: str) -> None:
    names, _why = OTHERWISE.get(name, ("", ""))
    assert differing(OPERATIONS[name], ROUTES[name]) == set(names.split())
