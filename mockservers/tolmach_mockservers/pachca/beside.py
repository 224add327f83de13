"""What answers beside the API: incoming webhooks, avatars, OAuth's metadata.

What it is for: the HTTP side of these. What it must not do: hold rules.
"""

from typing import Final

from aiohttp import web

from tolmach_mockservers.kernel import Kernel
from tolmach_mockservers.pachca import wire
from tolmach_mockservers.pachca.errors import Fault, Limited
from tolmach_mockservers.pachca.incoming import receive
from tolmach_mockservers.pachca.limits import Windows
from tolmach_mockservers.pachca.routes import PREFIX
from tolmach_mockservers.pachca.state import State

__all__ = ["Beside"]

_FAKE: Final = "pachca"


class Beside:
    """Answer what is no operation."""

    def __init__(self, kernel: Kernel, state: State, windows: Windows) -> None:
        self._kernel = kernel
        self._state = state
        self._windows = windows

    async def incoming(self, request: web.Request) -> web.StreamResponse:
        """Take what a service sends to a bot's secret address."""
        raw = await request.read()
        name = request.match_info["id"]
        try:
            if self._state.settings.rate_limits:
                wait = self._windows.wait([("incoming", name)], self._state.clock.now())
                if wait:
                    raise Limited(wait)
            text = receive(self._state, name, raw)
            answer = web.Response(text=text or "")
        except Fault as fault:
            refusal = wire.refused(fault)
            answer = web.Response(status=refusal.status, body=refusal.body, headers=refusal.headers)
        self._kernel.journal.record(
            fake=_FAKE,
            kind="http",
            operation="POST /webhooks/{id}",
            status=answer.status,
            detail={"method": "POST", "path": request.path, "request": raw.decode("utf-8", "replace")},
        )
        return answer

    async def avatar(self, request: web.Request) -> web.StreamResponse:
        """Serve an avatar."""
        name = request.match_info["name"]
        body = self._state.tables.avatars.get(name)
        if body is None:
            return web.Response(status=404)
        kind = name.rpartition(".")[2].replace("jpg", "jpeg")
        return web.Response(body=body, content_type=f"image/{kind}")

    async def metadata(self, _request: web.Request) -> web.StreamResponse:
        """Describe the OAuth server."""
        base = f"{self._state.url}{PREFIX}"
        return web.json_response(
            {
                "issuer": self._state.url,
                "authorization_endpoint": f"{self._state.app_url}/apps/authorize",
                "token_endpoint": f"{base}/oauth/token",
                "revocation_endpoint": f"{base}/oauth/revoke",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "client_secret_basic",
                    "none",
                ],
            }
        )
