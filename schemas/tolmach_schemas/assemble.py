"""Write the checked-in schema files from the hand-written sources.

What it is for: ``python -m tolmach_schemas.assemble`` after a change of a source, ``--check`` to see
whether every file is up to date. What it must not do: read anything but the sources beside it, or be
imported at run time (it needs PyYAML, the package's users do not).
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, cast

import yaml

from tolmach_schemas.notation import NotationError, Rendering, Schema, Shapes
from tolmach_schemas.openapi import Api, expand, openapi

__all__ = ["assembled", "main", "stale"]

ROOT: Final = Path(__file__).parent
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_COMPONENTS: Final = "#/components/schemas/"
_DOCUMENTS: Final = {"message": "Message", "room": "Room", "subscription": "Subscription", "user": "User"}

Source = dict[str, object]


def assembled() -> dict[str, str]:
    """Return every file to be, by its path inside the package."""
    files = {path: _written(schema) for path, schema in _all()}
    return dict(sorted(files.items()))


def stale() -> list[str]:
    """Return the paths whose checked-in text is not what the sources say."""
    return [
        path
        for path, text in assembled().items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    """Write what is stale, or with ``--check`` only name it; 1 when something was stale then."""
    late = stale()
    if "--check" in arguments:
        sys.stderr.writelines(f"out of date: {path}\n" for path in late)
        return 1 if late else 0
    texts = assembled()
    for path in late:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(texts[path], encoding="utf-8")
        sys.stdout.write(f"wrote {path}\n")
    return 0


def _all() -> Iterator[tuple[str, Schema]]:
    yield from _rocketchat()
    yield "pachca/openapi.json", _api("pachca")
    yield from _webhooks()
    yield "agent/openapi.json", _api("agent")
    yield "control/openapi.json", _api("control")
    yield from _plain()


def _rocketchat() -> Iterator[tuple[str, Schema]]:
    documents = _read("rocketchat/source/documents.yaml")
    for kind, rendering in (("rest", Rendering.rest()), ("ejson", Rendering.ejson())):
        shapes = Shapes(documents, rendering)
        for file, name in _DOCUMENTS.items():
            path = f"rocketchat/documents/{file}.{kind}.json"
            yield path, _standalone(path, name, shapes)
    frames = _read("rocketchat/source/ddp.yaml")
    named = cast("dict[str, str]", frames.pop("$files"))
    shapes = Shapes(_merged(documents, frames), Rendering.ejson())
    for file, name in named.items():
        path = f"rocketchat/ddp/{file}.json"
        yield path, _standalone(path, name, shapes)
    yield "rocketchat/openapi.json", _api("rocketchat", documents)


def _webhooks() -> Iterator[tuple[str, Schema]]:
    sources: Source = {}
    for file in sorted((ROOT / "pachca/source").glob("shapes*.yaml")):
        sources = _merged(sources, _read(f"pachca/source/{file.name}"))
    named = cast("dict[str, str]", sources.pop("$files"))
    shapes = Shapes(sources, Rendering.rest())
    for file_name, name in named.items():
        path = f"pachca/webhooks/{file_name}.json"
        yield path, _standalone(path, name, shapes)


def _api(folder: str, documents: Source | None = None) -> Schema:
    about = _read(f"{folder}/source/api.yaml")
    sources = dict(documents or {})
    operations: dict[str, Mapping[str, object]] = {}
    for file in sorted((ROOT / folder / "source").glob("*.yaml")):
        written = _read(f"{folder}/source/{file.name}")
        written.pop("$files", None)
        if file.name.startswith("operations"):
            families = cast("dict[str, dict[str, str]]", written.pop("$families", {}))
            tag = {"tag": written.pop("$tag")} if "$tag" in written else {}
            sources = _merged(sources, cast("Source", written.pop("$shapes", {})))
            for name, operation in expand(written, families):
                if name in operations:
                    raise NotationError(f"{name} is written twice")
                operations[name] = {**tag, **operation}
        elif file.name.startswith(("views", "shapes")):
            sources = _merged(sources, written)
    shapes = Shapes(sources, Rendering.rest(_COMPONENTS))
    return openapi(_described(about), operations, shapes)


def _described(about: Source) -> Api:
    return Api(
        title=str(about["title"]),
        version=str(about["version"]),
        about=str(about["about"]),
        prefix=str(about["prefix"]),
        servers=cast("list[Schema]", about["servers"]),
        schemes=cast("Schema", about["schemes"]),
        security=cast("list[Schema]", about["security"]),
        success=cast("Schema", about.get("success", {})),
        errors=cast("dict[int, str]", about["errors"]),
        optional=cast("dict[int, str]", about.get("optional", {})),
        headers=cast("dict[int, Schema]", about.get("headers", {})),
        parameters=cast("Schema", about.get("parameters", {})),
        pages=cast("dict[str, dict[str, Schema]]", about.get("pages", {})),
        textual=cast("list[int]", about.get("textual", [])),
        kinds=cast("dict[str, str]", about.get("kinds", {})),
        plain_literals=about.get("literals") == "enum",
    )


def _plain() -> Iterator[tuple[str, Schema]]:
    for file in sorted((ROOT / "plain").glob("*.yaml")):
        sources = _read(f"plain/{file.name}")
        root = str(sources.pop("$root"))
        path = f"{file.stem}.schema.json"
        yield path, _standalone(path, root, Shapes(sources, Rendering.rest()))


def _standalone(path: str, name: str, shapes: Shapes) -> Schema:
    schema = dict(shapes.named(name))
    defined = shapes.closure(schema)
    whole: Schema = {"$schema": _DIALECT, "$id": f"urn:tolmach:{path}", "title": name, **schema}
    if defined:
        whole["$defs"] = defined
    return whole


def _merged(first: Source, second: Source) -> Source:
    twice = sorted(set(first) & set(second))
    if twice:
        raise NotationError(f"written twice: {', '.join(twice)}")
    return {**first, **second}


def _read(path: str) -> Source:
    with (ROOT / path).open(encoding="utf-8") as file:
        return cast("Source", yaml.safe_load(file))


def _written(schema: Schema) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
