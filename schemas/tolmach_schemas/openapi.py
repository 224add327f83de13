"""Turn written operations into an OpenAPI 3.1 document.

What it is for: one operation is five to ten lines of YAML. What it must not do: read files, or know
what an operation means.

An operation is ``METHOD name:`` with ``about``; ``body`` and ``query`` (shapes, closed); ``answer`` (the
fields of the 200 body) or ``paged: field Shape``, or one of the API's own ``pages``; ``status`` when it is
not 200; ``empty`` (the status of an answer without a body); ``also`` (query fields taken and ignored);
``headers`` (of the request); ``refuses`` (statuses beside those of every operation); ``answers`` (status ->
shape or null, replacing ``answer``); ``stream`` (the document of each event of a streamed answer);
``open: true`` (needs no login), ``open: either`` (a login or what the body says); ``alone: true`` (refuses
in its own ways only); ``scope`` and ``plan`` (what a caller needs); ``tag``; ``form: true`` (also takes a
form body), ``as: form`` or ``as: multipart`` (takes no other); ``path`` (else the API's prefix and the name);
``{a,b}`` in a key writes the operation once for each, with ``<one>`` and ``<many>`` replaced by the family's
words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from tolmach_schemas.notation import NotationError, Schema, Shapes

__all__ = ["Api", "expand", "openapi"]

_CHOICE: Final = re.compile(r"\{([A-Za-z]+(?:,[A-Za-z]+)+)\}")
_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")
_PAGING: Final[Mapping[str, object]] = {"count?": "int", "offset?": "int", "sort?": "str"}
_PAGED: Final[Mapping[str, object]] = {"count": "count", "offset": "count", "total": "count"}
_KINDS: Final = {"form": "application/x-www-form-urlencoded", "multipart": "multipart/form-data"}
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Api:
    """Describe what all operations of one API share.

    ``success`` is added to every 200 body; ``errors`` maps a status to the shape of its body for
    every operation, ``optional`` to those an operation names in ``refuses``; ``security`` is the
    OpenAPI security requirement; ``headers`` describes answer headers by status; ``parameters`` holds the
    shapes of path parameters that are not just text; ``pages`` maps a word of the operations to the
    ``query`` and the ``answer`` of a list, ``<shape>`` standing for its items; ``textual`` are statuses
    whose body may be plain text; ``kinds`` maps the shape of a refusal that is no JSON to its kind;
    ``plain_literals`` writes a single word as a set of one, which older generators of code understand.
    """

    title: str
    version: str
    about: str
    prefix: str
    servers: Sequence[Schema]
    schemes: Schema
    security: Sequence[Schema]
    success: Mapping[str, object]
    errors: Mapping[int, str]
    optional: Mapping[int, str]
    headers: Mapping[int, Schema] = field(default_factory=dict[int, Schema])
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    pages: Mapping[str, Mapping[str, Mapping[str, object]]] = field(
        default_factory=dict[str, Mapping[str, Mapping[str, object]]]
    )
    textual: Sequence[int] = ()
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    plain_literals: bool = False


def expand(
    written: Mapping[str, object], families: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield every operation as ``METHOD name`` and its description, families written out."""
    for key, value in written.items():
        if key.startswith("$"):
            continue
        for name, words in _choices(key, families):
            yield name, cast("Mapping[str, object]", _replaced(value, words))


def openapi(api: Api, operations: Mapping[str, Mapping[str, object]], shapes: Shapes) -> Schema:
    """Return the OpenAPI document of ``operations``; ``shapes`` must refer to its components."""
    paths: dict[str, Schema] = {}
    for key, written in operations.items():
        method, _, name = key.partition(" ")
        described = _operation(api, method, name, written, shapes)
        given = written.get("path", api.prefix + name)
        for at, path in enumerate(cast("list[str]", given) if isinstance(given, list) else [str(given)]):
            entry = (
                dict(described)
                if not at
                else {**described, "operationId": f"{described['operationId']}.{at}"}
            )
            in_path = _path_parameters(api, path, written, shapes)
            entry["parameters"] = [*in_path, *cast("list[Schema]", described["parameters"])]
            paths.setdefault(path, {})[method.lower()] = entry
    document: Schema = {
        "openapi": "3.1.0",
        "info": {"title": api.title, "version": api.version, "description": " ".join(api.about.split())},
        "servers": list(api.servers),
        "security": list(api.security),
        "paths": dict(sorted(paths.items())),
    }
    refusals = _refusals(api, operations, shapes)
    document["components"] = {
        "securitySchemes": api.schemes,
        "responses": refusals,
        "schemas": shapes.closure(document, refusals),
    }
    return cast("Schema", _plain(document)) if api.plain_literals else document


def _plain(node: object) -> object:
    """Write every text that is fixed as an enum of texts."""
    if isinstance(node, list):
        return [_plain(one) for one in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    fields = {key: _plain(value) for key, value in cast("Schema", node).items()}
    if isinstance(fields.get("const"), str):
        fields["enum"] = [fields.pop("const")]
    listed = fields.get("enum")
    if isinstance(listed, list) and "type" not in fields and all(isinstance(one, str) for one in listed):
        return {"type": "string", **fields}
    return fields


def _refusals(api: Api, operations: Mapping[str, Mapping[str, object]], shapes: Shapes) -> Schema:
    """Return the error answers that operations refer to, by the name of their shape."""
    statuses = {**api.errors, **api.optional}
    named = {name: status for status, name in statuses.items()}
    named.update({str(one["unauthorized"]): 401 for one in operations.values() if "unauthorized" in one})
    for one in operations.values():
        own = cast("Mapping[int, object]", one.get("answers", {}))
        named.update({str(shape): status for status, shape in own.items() if status >= 400})
    refusals: Schema = {}
    for name, status in sorted(named.items()):
        schema = shapes.compile(name, name)
        about = shapes.named(name).get("description", "Refused.")
        kind = api.kinds.get(name, _JSON)
        refusals[name] = _response(api, status, str(about), kind, schema)
    return refusals


def _operation(api: Api, method: str, name: str, written: Mapping[str, object], shapes: Shapes) -> Schema:
    where = f"{method} {name}"
    operation: Schema = {
        "operationId": _operation_id(method, name),
        "summary": str(written["about"]),
        "parameters": [],
    }
    if "tag" in written:
        operation["tags"] = [written["tag"]]
    if written.get("open") == "either":
        operation["security"] = [{}, *api.security]
    elif written.get("open"):
        operation["security"] = []
    elif "scope" in written:
        operation["security"] = [{key: [written["scope"]] for key in one} for one in api.security]
    if "plan" in written:
        operation["x-plan"] = written["plan"]
    query = _query(api, written, shapes, where)
    headers = shapes.compile(written.get("headers", {}), f"{where} headers")
    operation["parameters"] = [*_parameters(query, "query"), *_parameters(headers, "header")]
    operation["x-query"] = query
    if "body" in written:
        body = shapes.compile(written["body"], f"{where} body")
        kinds = [_KINDS[str(written["as"])] if "as" in written else _JSON]
        if written.get("form"):
            kinds.append(_KINDS["form"])
        operation["requestBody"] = {
            "required": not written.get("optional"),
            "content": {kind: {"schema": body} for kind in kinds},
        }
    operation["responses"] = _responses(api, written, shapes, where)
    return operation


def _responses(api: Api, written: Mapping[str, object], shapes: Shapes, where: str) -> Schema:
    answers = dict(cast("Mapping[int, object]", written.get("answers", {})))
    if "empty" in written:
        answers[cast("int", written["empty"])] = None
    elif not answers:
        answers[cast("int", written.get("status", 200))] = _answer(api, written, where)
    for status, name in () if written.get("alone") else api.errors.items():
        if status != 401 or written.get("open") is not True:
            answers.setdefault(status, name)
    for status in cast("Sequence[int]", written.get("refuses", ())):
        answers.setdefault(status, api.optional[status])
    if "unauthorized" in written:
        answers[401] = written["unauthorized"]
    kind = str(written.get("kind", _JSON))
    responses: Schema = {}
    for status, shape in sorted(answers.items()):
        if status >= 400:
            responses[str(status)] = {"$ref": f"#/components/responses/{shape}"}
            continue
        schema = None if shape is None else shapes.compile(shape, f"{where} {status}")
        response = _response(api, status, "Done.", kind, schema)
        if "stream" in written:
            event = shapes.compile(written["stream"], f"{where} stream")
            media = {"schema": {"type": "string"}, "x-event": event}
            cast("Schema", response["content"])["text/event-stream"] = media
        responses[str(status)] = response
    return responses


def _response(api: Api, status: int, about: str, kind: str, schema: Schema | None) -> Schema:
    response: Schema = {"description": about}
    if status in api.headers:
        response["headers"] = api.headers[status]
    if schema is None:
        return response
    content: Schema = {kind: {"schema": schema}}
    if status in api.textual:
        content["text/plain"] = {"schema": {"type": "string"}}
    return {**response, "content": content}


def _answer(api: Api, written: Mapping[str, object], where: str) -> object:
    if "paged" in written:
        name, shape = str(written["paged"]).split()
        return {name: f"{shape}[]", **_PAGED, **api.success}
    for word in api.pages.keys() & written.keys():
        return _replaced(api.pages[word]["answer"], {"shape": str(written[word])})
    answer = written.get("answer", {})
    if isinstance(answer, dict):
        fields = cast("dict[str, object]", answer)
        return {**api.success, **fields} if "success?" not in fields else fields
    if api.success:
        raise NotationError(f"{where}: the answer must be a mapping")
    return answer


def _query(api: Api, written: Mapping[str, object], shapes: Shapes, where: str) -> Schema:
    # Without any fields a closed, empty query: an unknown parameter is a mistake of the caller.
    given = written.get("query", {})
    fields: dict[str, object] = {}
    if isinstance(given, str):
        fields["$like"] = given
        source = shapes.sources[given]
        if isinstance(source, dict) and "$one" in source:
            fields["$one"] = cast("dict[str, object]", source)["$one"]
    else:
        fields.update(cast("dict[str, object]", given))
    for word in api.pages.keys() & written.keys():
        fields.update({name: one for name, one in api.pages[word]["query"].items() if name not in fields})
    if "paged" in written:
        fields.update(_PAGING)
    for extra in str(written.get("also", "")).split():
        fields[extra + "?"] = "str"
    return shapes.compile(fields, f"{where} query")


def _parameters(fields: Schema, place: str) -> Iterator[Schema]:
    required = cast("list[str]", fields.get("required", []))
    for name, schema in cast("dict[str, Schema]", fields["properties"]).items():
        yield {"name": name, "in": place, "required": name in required, "schema": schema}


def _path_parameters(api: Api, path: str, written: Mapping[str, object], shapes: Shapes) -> Iterator[Schema]:
    own = cast("Mapping[str, object]", written.get("parameters", {}))
    for name in _PARAMETER.findall(path):
        shape = own.get(name, api.parameters.get(name, "str+"))
        yield {"name": name, "in": "path", "required": True, "schema": shapes.compile(shape, path)}


def _operation_id(method: str, name: str) -> str:
    plain = name.strip("/").replace("/", ".").replace("{", "").replace("}", "")
    return f"{method.lower()}.{plain}"


def _choices(key: str, families: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, Mapping[str, str]]]:
    found = _CHOICE.search(key)
    if found is None:
        yield key, {}
        return
    for choice in found[1].split(","):
        chosen = key[: found.start()] + choice + key[found.end() :]
        for name, words in _choices(chosen, families):
            yield name, {**families.get(choice, {}), **words}


def _replaced(value: object, words: Mapping[str, str]) -> object:
    if isinstance(value, str):
        for word, written in words.items():
            value = value.replace(f"<{word}>", written)
        return value
    if isinstance(value, list):
        return [_replaced(one, words) for one in cast("list[object]", value)]
    if isinstance(value, dict):
        return {
            _replaced(k, words): _replaced(v, words) for k, v in cast("dict[object, object]", value).items()
        }
    return value
