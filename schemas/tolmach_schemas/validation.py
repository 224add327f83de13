"""Compile schemas into checks that cost microseconds.

What it is for: ``check_request, check_response = compile_operation("POST chat.sendMessage")``; a check
returns what is wrong, in words, and an empty list when nothing is. What it must not do: change what it
checks, repeat a value in its findings (it may be a password), or be imported where the extra ``mock`` is
not installed.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final, Literal, NamedTuple, cast

import jsonschema_rs

from tolmach_schemas import Operation, load, operation
from tolmach_schemas.notation import references

__all__ = ["Check", "OperationChecks", "compile_document", "compile_frames", "compile_operation"]

Check = Callable[[object], list[str]]
Schema = dict[str, object]
Query = Mapping[str, str | list[str]]

_COMPONENTS: Final = "#/components/schemas/"
_MASK: Final = "the value"
_JSON: Final = "application/json"
_NUMBERS: Final = {"integer": re.compile(r"-?\d+"), "number": re.compile(r"-?\d+(\.\d+)?")}
_TRUTH: Final = {"true": True, "false": False}


class OperationChecks(NamedTuple):
    """Check one operation: ``request(query, body)`` and ``response(status, body)``.

    ``query`` maps names to texts, as on the wire, or to lists of them where a name is given again and
    again; ``body`` is parsed JSON, the fields of a form, text that is neither, None when there was none.
    """

    request: Callable[[Query | None, object], list[str]]
    response: Callable[[int, object], list[str]]


@cache
def compile_operation(name: str, api: str = "rocketchat") -> OperationChecks:
    """Return the checks of ``METHOD path``. Raises KeyError when there is no such operation."""
    found = operation(name, api)
    check_query = _query_check(found)
    check_body, body_required = _body_check(found)
    by_status = dict(_answers(found))

    def request(query: Query | None, body: object) -> list[str]:
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
    components = _components(found.document)
    kinds = {
        name: _followed(schema, components)
        for name, schema in cast("dict[str, Schema]", query.get("properties", {})).items()
    }
    check = _compiled(_closed_over(query, found.document))

    def check_query(given: object) -> list[str]:
        texts = cast("Query", given)
        return check({name: _typed(text, kinds.get(name, {}), components) for name, text in texts.items()})

    return check_query


def _typed(text: str | list[str], schema: Schema, components: Mapping[str, Schema]) -> object:
    """Return what a text of the query stands for; the text itself when it stands for nothing."""
    kind = schema.get("type")
    if kind == "array":
        items = _followed(cast("Schema", schema["items"]), components)
        return [_typed(one, items, components) for one in ([text] if isinstance(text, str) else text)]
    if not isinstance(text, str) or not isinstance(kind, str):
        return text
    if kind in _NUMBERS and _NUMBERS[kind].fullmatch(text):
        return json.loads(text) if kind == "number" else int(text)
    return _TRUTH.get(text, text) if kind == "boolean" else text


def _components(document: Mapping[str, object]) -> Mapping[str, Schema]:
    return cast("Mapping[str, Mapping[str, Schema]]", document["components"])["schemas"]


def _followed(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    reference = schema.get("$ref")
    return (
        _followed(components[str(reference).removeprefix(_COMPONENTS)], components) if reference else schema
    )


def _body_check(found: Operation) -> tuple[Check | None, bool]:
    described = found.described.get("requestBody")
    if not isinstance(described, dict):
        return None, False
    content = cast("Mapping[str, Mapping[str, Mapping[str, Schema]]]", described)["content"]
    kind = _JSON if _JSON in content else next(iter(content))
    return _lazy(found, content[kind]["schema"]), bool(cast("Schema", described).get("required"))


def _answers(found: Operation) -> Iterator[tuple[int, Check]]:
    components = cast("Mapping[str, Mapping[str, Schema]]", found.document["components"])
    for status, response in cast("Mapping[str, Schema]", found.described["responses"]).items():
        reference = response.get("$ref")
        described = components["responses"][str(reference).rpartition("/")[2]] if reference else response
        content = cast("Mapping[str, Mapping[str, Schema]]", described.get("content", {}))
        yield int(status), _content_check(found, content)


def _content_check(found: Operation, content: Mapping[str, Mapping[str, Schema]]) -> Check:
    """Check an answer by the kinds it may have: parsed JSON, text or bytes, or nothing at all."""
    parsed = _lazy(found, content[_JSON]["schema"]) if _JSON in content else None
    others = content.keys() - {_JSON}

    def check(body: object) -> list[str]:
        if not content:
            return [] if body in (None, "", b"") else [": no body is documented"]
        if others and isinstance(body, (str, bytes)):
            return []
        if parsed is None:
            # Nobody parses what is no JSON; None stands for bytes that were not looked at.
            return [] if body is None else [": is JSON, not documented so"]
        return [": JSON is documented"] if isinstance(body, bytes) else parsed(body)

    return check


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
    components = _components(document)
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
