"""The client of the fakes' control API.

What it is for: every call of the suite to the control plane. What it must not do: blame the subject;
whatever goes wrong here is a harness error.
"""

from collections.abc import Mapping
from typing import Final, cast

import aiohttp

from tolmach_conformance.verdict import HarnessError

__all__ = ["Control"]

_LIMIT: Final = aiohttp.ClientTimeout(total=75)


class Control:
    """Call the control API at ``url``; ``session`` is borrowed."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, **query: object) -> Mapping[str, object]:
        """GET ``path``; return the JSON object."""
        shown = {name: str(value) for name, value in query.items() if value is not None}
        return await self._call("GET", path, None, shown)

    async def post(self, path: str, body: Mapping[str, object] | None = None) -> Mapping[str, object]:
        """POST a JSON object to ``path``; return the JSON object."""
        return await self._call("POST", path, body or {}, {})

    async def patch(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """PATCH ``path``; return the JSON object."""
        return await self._call("PATCH", path, body, {})

    async def delete(self, path: str) -> Mapping[str, object]:
        """DELETE ``path``; return the JSON object."""
        return await self._call("DELETE", path, None, {})

    async def _call(
        self, method: str, path: str, body: Mapping[str, object] | None, query: Mapping[str, str]
    ) -> Mapping[str, object]:
        try:
            async with self._session.request(
                method, self._url + path, json=body, params=query, headers=self._headers, timeout=_LIMIT
            ) as answer:
                text = await answer.text()
                if answer.status >= 400:
                    raise HarnessError(f"control API: {method} {path} answered {answer.status}: {text[:300]}")
                if not text:
                    return {}
                found: object = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise HarnessError(
                f"control API: {method} {path} failed: {type(error).__name__} {error}"
            ) from None
        if not isinstance(found, dict):
            raise HarnessError(f"control API: {method} {path} answered no JSON object")
        return cast("Mapping[str, object]", found)
