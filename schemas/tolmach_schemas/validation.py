"""Compile schemas into checks that cost microseconds.

What it is for: ``check_request, check_response = compile_operation("POST chat.sendMessage")``; a check
returns what is wrong, in words, and an empty list when nothing is. What it must not do: change what it
checks, repeat a value in its findings (it may be a password), or be imported where the extra ``mock`` is
not installed.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final, Literal, NamedTuple, cast

import jsonschema_rs

from tolmach_schemas import Operation, load, operation
from tolmach_schemas.notation import references

__all__ = ["Check", "OperationChecks", "compile_document", "compile_frames", "compile_operation"]

Check = Callable[[object], list[str]]
Schema = dict[str, object]

_COMPONENTS: Final = "#/components/schemas/"
_MASK: Final = "the value"
_TEXTUAL: Final[dict[str, Schema]] = {
    "integer": {"type": "string", "pattern": r"^-?\d+$"},
    "number": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    "boolean": {"enum": ["true", "false"]},
}


class OperationChecks(NamedTuple):
    """Check one operation: ``request(query, body)`` and ``response(status, body)``.

    ``query`` maps names to texts, as on the wire; ``body`` is parsed JSON, None when there was none.
    """

    request: Callable[[Mapping[str, str] | None, object], list[str]]
    response: Callable[[int, object], list[str]]


@cache
def compile_operation(name: str, api: str = "rocketchat") -> OperationChecks:
    """Return the checks of ``METHOD path``. Raises KeyError when there is no such operation."""
    found = operation(name, api)
    check_query = _query_check(found)
    check_body, body_required = _body_check(found)
    by_status = {status: _lazy(found, schema) for status, schema in _answers(found)}

    def request(query: Mapping[str, str] | None, body: object) -> list[str]:
        wrong = [f"query{text}" for text in check_query(dict(query or {}))]
        if body is None:
            return [*wrong, "body: is missing"] if body_required else wrong
        if check_body is None:
            # A body where none is expected is only wrong when it says something.
            return wrong if body in ({}, "", b"") else [*wrong, "body: none is expected"]
        return wrong + [f"body{text}" for text in check_body(body)]

    def response(status: int, body: object) -> list[str]:
        check = by_status.get(status)
        if check is None:
            return [f"status {status} is not documented for {found.method} {found.name}"]
        return [f"answer{text}" for text in check(body)]

    return OperationChecks(request, response)


@cache
def compile_document(name: str, part: str | None = None) -> Check:
    """Return the check of a schema file, or of one ``part`` of its ``$defs`` or components."""
    schema = load(name)
    if part is None:
        return _compiled(cast("Schema", schema))
    if "components" in schema:
        return _compiled(_closed_over({"$ref": _COMPONENTS + part}, schema))
    return _compiled({"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]})


@cache
def compile_frames(direction: Literal["client", "server"]) -> Check:
    """Return the check of every realtime frame that a ``client`` or a ``server`` sends.

    The frame's own schema is chosen by ``msg``, so that a finding speaks of that frame only.
    """
    kinds = {
        "client": ("connect", "ping", "pong", "sub", "unsub", "method"),
        "server": (
            *("server_id", "connected", "failed", "ping", "pong", "ready", "nosub", "updated", "result"),
            *("added", "error"),
        ),
    }
    checks = {kind: compile_document(f"rocketchat/ddp/{kind}") for kind in kinds[direction]}
    streams = {
        f"stream-{name.replace('_', '-')}": compile_document(f"rocketchat/ddp/{name}")
        for name in ("room_messages", "notify_room", "notify_user", "notify_logged", "notify_all")
    }

    def check(frame: object) -> list[str]:
        if not isinstance(frame, dict):
            return ["a frame is an object"]
        fields = cast("Schema", frame)
        kind = fields.get("msg", "server_id")
        chosen = checks.get(str(kind))
        if kind == "changed" and direction == "server":
            chosen = streams.get(str(fields.get("collection")))
        return (
            [f"{direction} frame: unknown kind"]
            if chosen is None
            else [f"{kind}{text}" for text in chosen(frame)]
        )

    return check


def _query_check(found: Operation) -> Check:
    query = cast("Schema", found.described["x-query"])
    properties = cast("dict[str, Schema]", query.get("properties", {}))
    texts = {name: _textual(schema) for name, schema in properties.items()}
    return _compiled(_closed_over({**query, "properties": texts}, found.document))


def _textual(schema: Schema) -> Schema:
    kind = schema.get("type")
    return _TEXTUAL[kind] if isinstance(kind, str) and kind in _TEXTUAL else schema


def _body_check(found: Operation) -> tuple[Check | None, bool]:
    described = found.described.get("requestBody")
    if not isinstance(described, dict):
        return None, False
    body = cast("Mapping[str, Mapping[str, Mapping[str, Schema]]]", described)
    schema = body["content"]["application/json"]["schema"]
    return _lazy(found, schema), bool(described.get("required"))


def _answers(found: Operation) -> Iterator[tuple[int, Schema]]:
    components = cast("Mapping[str, Mapping[str, Schema]]", found.document["components"])
    for status, response in cast("Mapping[str, Schema]", found.described["responses"]).items():
        reference = response.get("$ref")
        described = components["responses"][str(reference).rpartition("/")[2]] if reference else response
        for media in cast("Mapping[str, Mapping[str, Schema]]", described["content"]).values():
            yield int(status), media["schema"]
            break


def _lazy(found: Operation, schema: Schema) -> Check:
    """Compile on first use: most statuses of most operations are never seen in one run."""
    ready: list[Check] = []

    def check(value: object) -> list[str]:
        if not ready:
            ready.append(_compiled(_closed_over(schema, found.document)))
        return ready[0](value)

    return check


def _closed_over(schema: Schema, document: Mapping[str, object]) -> Schema:
    """Return ``schema`` with the components it reaches and no others."""
    components = cast("Mapping[str, Mapping[str, Schema]]", document["components"])["schemas"]
    needed: dict[str, Schema] = {}
    waiting = list(references(schema, _COMPONENTS))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = components[name]
            waiting.extend(references(components[name], _COMPONENTS))
    return {**schema, "components": {"schemas": needed}}


def _compiled(schema: Schema) -> Check:
    validator = jsonschema_rs.Draft202012Validator(schema, mask=_MASK, validate_formats=True)

    def check(value: object) -> list[str]:
        if validator.is_valid(value):
            return []
        return [text for error in validator.iter_errors(value) for text in _findings(error)]

    return check


def _findings(error: jsonschema_rs.ValidationError) -> Iterator[str]:
    """Say what is wrong; of a choice, speak of the alternative that came closest."""
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AnyOf):
        closest = min(kind.context, key=_distance, default=[])
        if closest and not any(_is_wrong_kind(one, len(error.instance_path)) for one in closest):
            for one in closest:
                yield from _findings(one)
            return
    where = "".join(f".{step}" if isinstance(step, str) else f"[{step}]" for step in error.instance_path)
    yield f"{where}: {error.message}"


def _distance(errors: list[jsonschema_rs.ValidationError]) -> tuple[int, int, int]:
    """Rank an alternative: its fixed words first (``kind``, ``type``), then how much is wrong."""
    words = (jsonschema_rs.ValidationErrorKind.Constant, jsonschema_rs.ValidationErrorKind.Enum)
    fixed = sum(isinstance(one.kind, words) for one in errors)
    return fixed, len(errors), -max((len(one.instance_path) for one in errors), default=0)


def _is_wrong_kind(error: jsonschema_rs.ValidationError, depth: int) -> bool:
    """Whether an alternative was not meant at all: the value has another type."""
    return len(error.instance_path) == depth and isinstance(
        error.kind, jsonschema_rs.ValidationErrorKind.Type
    )
