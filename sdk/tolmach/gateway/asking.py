"""Ask a running gateway over its socket, without an event loop.

What it is for: the command line. What it must not do: import aiohttp, or wait without a limit.
"""

import http.client
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from tolmach.errors import RemoteProtocolError
from tolmach.gateway.statefiles import read_snapshot

__all__ = ["GatewayDownError", "RefusedError", "ask_gateway"]


class GatewayDownError(Exception):
    """Say that no gateway answers for a state folder."""


class RefusedError(Exception):
    """Say that the gateway refused, in its own words."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, limit: float) -> None:
        super().__init__("gateway", timeout=limit)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask_gateway(
    folder: Path, method: str, path: str, body: Mapping[str, object] | None = None, *, limit: float = 10.0
) -> dict[str, object]:
    """Return the gateway's answer; ``GatewayDownError`` when none runs, ``RefusedError`` when it says no."""
    place = read_snapshot(folder).get("socket")
    connection = _UnixConnection(str(place or folder / "gateway.sock"), limit)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
        response = connection.getresponse()
        answer = cast("object", json.loads(response.read()))
    except (OSError, http.client.HTTPException):
        raise GatewayDownError from None
    except ValueError:
        raise RemoteProtocolError("the gateway's answer is not JSON", call=f"{method} {path}") from None
    finally:
        connection.close()
    if not isinstance(answer, dict):
        raise RemoteProtocolError("the gateway's answer is no object", call=f"{method} {path}")
    document = cast("dict[str, object]", answer)
    if response.status >= 400:
        raise RefusedError(str(document.get("error") or f"HTTP {response.status}"))
    return document
