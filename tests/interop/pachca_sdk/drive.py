"""Drive the package pachca-sdk over JSON lines; it must not import anything of this project.

In: {"client": name, "base_url", "token"} makes a client; {"client", "call": "messages.create_message",
"args": {...}} calls it, {"client", "poll": n} reads n payloads of the event history, {"client",
"operations": true} lists what can be called. Arguments become
the package's own request classes by the annotations of its methods, answers are rendered from its own
classes. Out: {"result": ..., "type": ...} or {"error": {...}}.
"""

import asyncio
import base64
import dataclasses
import enum
import json
import sys
import typing
from datetime import datetime

from pachca import client as package
from pachca import models
from pachca.utils import deserialize


def rendered(value):
    """Return an answer of the package as JSON; unknown things are an error of the driver."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: rendered(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list):
        return [rendered(each) for each in value]
    if isinstance(value, dict):
        return {name: rendered(each) for name, each in value.items()}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        assert value.tzinfo is not None
        return value.isoformat()
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    assert value is None or isinstance(value, str | int | float), type(value)
    return value


def argument(kind, value):
    """Return what a method wants: one of the package's request classes, bytes, an enum."""
    if isinstance(value, dict) and set(value) == {"bytes"}:
        return base64.b64decode(value["bytes"])
    for each in (kind, *typing.get_args(kind)):
        if each is models.LinkPreviewsRequest:
            # The package reads maps of objects from nowhere, so it has no way to build this one from JSON.
            previews = {url: models.LinkPreview(**inner) for url, inner in value["link_previews"].items()}
            return each(link_previews=previews)
        if dataclasses.is_dataclass(each) and isinstance(value, dict):
            raw = {name: argument(None, inner) for name, inner in value.items()}
            return deserialize(each, raw)
        if isinstance(each, type) and issubclass(each, enum.Enum) and isinstance(value, str):
            return each(value)
    return value


async def call(client, request):
    """Make one call and return its answer's line."""
    service, _, name = request["call"].partition(".")
    method = getattr(getattr(client, service), name)
    hints = typing.get_type_hints(method, vars(package))
    args = {key: argument(hints.get(key), value) for key, value in request.get("args", {}).items()}
    result = await method(**args)
    kind = type(result).__name__
    if isinstance(result, list) and result:
        kind = f"list[{type(result[0]).__name__}]"
    return {"result": rendered(result), "type": kind}


def operations(client):
    """Return everything that can be called, as "service.method"."""
    found = []
    for name, service in vars(client).items():
        if not name.startswith("_"):
            found += [f"{name}.{each}" for each in dir(service) if not each.startswith("_")]
    return sorted(found)


async def poll(client, count):
    """Return the first payloads that the package's poller yields."""
    found = []
    past = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
    async for each in client.bots.poll_webhook_payloads(interval_seconds=0.05, created_after=past):
        found.append({"type": type(each).__name__, **rendered(each)})
        if len(found) == count:
            break
    return {"result": found}


async def main():
    """Answer each line with one line."""
    clients = {}
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        try:
            if "token" in request:
                made = package.PachcaClient(request["token"], base_url=request["base_url"])
                clients[request["client"]] = made
                answer = {"result": "ready"}
            elif "operations" in request:
                answer = {"result": operations(clients[request["client"]])}
            elif "poll" in request:
                answer = await poll(clients[request["client"]], request["poll"])
            else:
                answer = await call(clients[request["client"]], request)
        except Exception as error:
            shown = rendered(error) if dataclasses.is_dataclass(error) else str(error)
            answer = {"error": {"type": type(error).__name__, "detail": shown}}
        print(json.dumps(answer), flush=True)


asyncio.run(main())
