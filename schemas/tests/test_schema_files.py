"""The checked-in files: valid, closed, up to date, found by name."""

import subprocess
import sys
from collections.abc import Iterator
from typing import cast

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tolmach_schemas import load, names, operation, operations, path
from tolmach_schemas.assemble import stale

Json = dict[str, object]

APIS = ("rocketchat", "pachca", "agent", "control")
OPENAPI = tuple(f"{api}/openapi" for api in APIS)


def test_every_file_is_what_the_sources_say() -> None:
    assert stale() == [], "run python -m tolmach_schemas.assemble"


@pytest.mark.parametrize("name", [name for name in names() if name not in OPENAPI])
def test_a_schema_is_valid_2020_12(name: str) -> None:
    schema = cast("Json", load(name))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", OPENAPI)
def test_an_api_is_valid_openapi(name: str) -> None:
    document = cast("Json", load(name))
    assert document["openapi"] == "3.1.0"
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    for schema in cast("dict[str, dict[str, Json]]", document["components"])["schemas"].values():
        Draft202012Validator.check_schema(schema)


def objects(node: object, where: str = "") -> Iterator[tuple[str, Json]]:
    """Yield every schema of type object in a document."""
    if isinstance(node, dict):
        fields = cast("Json", node)
        if fields.get("type") == "object":
            yield where, fields
        for key, value in fields.items():
            yield from objects(value, f"{where}/{key}")
    elif isinstance(node, list):
        for at, value in enumerate(cast("list[object]", node)):
            yield from objects(value, f"{where}/{at}")


@pytest.mark.parametrize("name", names())
def test_every_object_is_closed_or_says_why_not(name: str) -> None:
    blobs = [
        where
        for where, schema in objects(load(name))
        if schema.get("additionalProperties") is not False
        and not isinstance(schema.get("additionalProperties"), dict)
        and not schema.get("x-open")
    ]
    assert blobs == []


@pytest.mark.parametrize("name", names())
def test_every_reference_leads_somewhere_and_every_definition_is_used(name: str) -> None:
    document = cast("Json", load(name))
    text = path(name).read_text(encoding="utf-8")
    components = cast("dict[str, Json]", document.get("components", {})).get("schemas", {})
    defined = cast("Json", components or document.get("$defs", {}))
    prefix = "#/components/schemas/" if components else "#/$defs/"
    for part in defined:
        assert f'"{prefix}{part}"' in text, f"{part} is never used"
    used = {piece.split('"')[0] for piece in text.split(f'"$ref": "{prefix}')[1:]}
    assert used <= set(defined)


@pytest.mark.parametrize("api", APIS)
def test_operation_ids_are_unique_and_every_path_parameter_is_described(api: str) -> None:
    seen: set[str] = set()
    for one in operations(api):
        identity = str(one.described["operationId"])
        assert identity not in seen
        seen.add(identity)
        described = cast("list[Json]", one.described["parameters"])
        inside = {f"{{{parameter['name']}}}" for parameter in described if parameter["in"] == "path"}
        assert inside == {piece for piece in one.path.split("/") if piece.startswith("{")}


def test_the_platform_has_every_operation_of_the_slice() -> None:
    wanted = {
        *("login", "logout", "me", "info", "settings.public", "users.info", "users.setStatus"),
        *("users.generatePersonalAccessToken", "users.removePersonalAccessToken", "rooms.info", "rooms.get"),
        *("subscriptions.get", "subscriptions.getOne", "chat.postMessage", "chat.sendMessage", "chat.update"),
        *("chat.delete", "chat.react", "chat.getMessage", "chat.getThreadMessages", "chat.syncMessages"),
        *("chat.pinMessage", "chat.unPinMessage", "channels.join", "im.create", "dm.create"),
    }
    for verb in ("create", "info", "list", "members", "history", "invite", "kick", "rename", "leave"):
        wanted |= {f"channels.{verb}", f"groups.{verb}"}
    for verb in ("create", "list", "members", "history"):
        wanted |= {f"im.{verb}", f"dm.{verb}"}
    assert wanted <= {one.name for one in operations()}


def test_an_operation_is_found_by_its_short_and_its_full_name() -> None:
    short = operation("POST chat.sendMessage")
    assert short.path == "/api/v1/chat.sendMessage"
    assert operation("POST /api/v1/chat.sendMessage") == short
    assert operation("GET /api/info").name == "info"
    assert operation("POST chat/completions", "agent").path == "/v1/chat/completions"
    with pytest.raises(KeyError, match=r"no operation of rocketchat is called 'POST chat\.shout'"):
        operation("POST chat.shout")


def test_a_schema_that_does_not_exist_is_refused_with_the_list() -> None:
    with pytest.raises(KeyError, match=r"rocketchat/documents/message\.rest"):
        load("rocketchat/documents/massage")


def test_the_loader_needs_the_standard_library_only() -> None:
    program = (
        "import sys, tolmach_schemas as s; s.operation('GET me'); s.load('report.schema');"
        "third = {'yaml', 'jsonschema', 'jsonschema_rs', 'pydantic'};"
        "print(*sorted({m.split('.')[0] for m in sys.modules} & third))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
