"""The written contract of everything that crosses a wire: OpenAPI 3.1 and JSON Schema 2020-12.

What it is for: `load` a schema by name, look up an `operation` by what it is called. What it must not
do: validate (see `tolmach_schemas.validation`), or import anything beyond the standard library.

Names are paths inside the package without ``.json``: ``rocketchat/openapi``,
``rocketchat/documents/message.rest``, ``rocketchat/ddp/server``, ``pachca/openapi``,
``pachca/webhooks/message``, ``control/openapi``, ``agent/openapi``, ``report.schema``. Test vectors are
loaded by name too (``vectors/pachca_signature``) but are no schemas. `load` returns a shared object: read
it, do not change it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import cast

__all__ = ["Operation", "load", "names", "operation", "operations", "path"]

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """Hold one operation: its method in capitals, path template, description, and whole document."""

    method: str
    path: str
    described: Mapping[str, object]
    document: Mapping[str, object]

    @property
    def name(self) -> str:
        """Return what the platform calls it: the path without the API's prefix."""
        return _short(self.path)


@cache
def names() -> tuple[str, ...]:
    """Return the names of all schemas, sorted."""
    root = path()
    found = (file.relative_to(root).as_posix().removesuffix(".json") for file in root.rglob("*.json"))
    return tuple(sorted(name for name in found if not name.startswith("vectors/")))


def path(name: str = "") -> Path:
    """Return where a schema lies on disk; without a name, the folder of all."""
    root = Path(str(resources.files("tolmach_schemas")))
    if not name:
        return root
    file = root / f"{name.removesuffix('.json')}.json"
    if not file.is_file():
        raise KeyError(f"no schema is called {name!r}; there are {', '.join(names())}")
    return file


@cache
def load(name: str) -> Mapping[str, object]:
    """Return a schema as parsed JSON. Raises KeyError naming the schemas that exist."""
    return cast("Mapping[str, object]", json.loads(path(name).read_text(encoding="utf-8")))


def operations(api: str = "rocketchat") -> Iterator[Operation]:
    """Yield every operation of ``rocketchat``, ``pachca``, ``agent`` or ``control``."""
    document = load(f"{api}/openapi")
    for route, item in cast("Mapping[str, Mapping[str, Mapping[str, object]]]", document["paths"]).items():
        for method in _METHODS:
            if method in item:
                yield Operation(method.upper(), route, item[method], document)


def operation(name: str, api: str = "rocketchat") -> Operation:
    """Return the operation ``METHOD path``; for Rocket.Chat ``/api/v1/`` may be left out.

    Raises KeyError when there is none.
    """
    found = _index(api).get(name)
    if found is None:
        raise KeyError(f"no operation of {api} is called {name!r}")
    return found


@cache
def _index(api: str) -> Mapping[str, Operation]:
    index: dict[str, Operation] = {}
    for one in operations(api):
        index[f"{one.method} {one.path}"] = one
        index.setdefault(f"{one.method} {one.name}", one)
    return index


def _short(route: str) -> str:
    for prefix in ("/api/v1/", "/api/", "/v1/"):
        if route.startswith(prefix):
            return route.removeprefix(prefix)
    return route
