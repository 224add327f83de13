"""Downloads.

What it is for: reached as ``pachca.files``; both kinds of link that a message has: a signed one of
storage, which gets no token, and a path of the API, which does. What it must not do: hold a file in
memory, or send the token to another host.

Source: https://dev.pachca.com
"""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlsplit

import aiohttp

from tolmach.errors import NotSent
from tolmach.pachca.api import Resource
from tolmach.pachca.download import Download
from tolmach.pachca.models.file import File
from tolmach.pachca.models.words import FileTarget
from tolmach.pachca.unset import UNSET, Unset

__all__ = ["Files"]

CALL = "GET /files/{id}"

_API_FILE = re.compile(r"/files/\d+")
"""The path of a file of the API; links name it with and without the API's own prefix."""


class Files(Resource):
    """Offer downloads: ``async with pachca.files.open(file) as download: await download.save(path)``."""

    def download(self, file_id: int, *, target: FileTarget | Unset = UNSET) -> Download:
        """Open a file through the API, or a rendering of it.

        Only for workspaces that keep their files behind the API; for others, and from outside the
        allowed addresses, raises Forbidden (``confidential_download_denied``).
        """
        return self._api_download(f"/files/{file_id}", target)

    def open(self, file: File | str) -> Download:
        """Open a file of a message, or its URL, wherever it lies.

        A link of storage lives for some days; raises Forbidden when it is over: read the message again.
        """
        url = file if isinstance(file, str) else file.url
        name = "" if isinstance(file, str) else file.name
        http = self._api.http
        ours, theirs = urlsplit(http.base_url), urlsplit(url)
        if theirs.scheme not in {"http", "https"} or not theirs.hostname:
            raise NotSent("url: this is no address of a file", field="url")
        if theirs.scheme == "http" and ours.scheme == "https":
            raise NotSent("url: a file is not fetched over plain http", field="url")
        same = (ours.scheme, ours.hostname, ours.port) == (theirs.scheme, theirs.hostname, theirs.port)
        inside = _API_FILE.fullmatch(theirs.path.removeprefix(ours.path))
        if same and inside is not None:
            query = dict(parse_qsl(theirs.query))
            return Download(self._opening(inside[0], query), name)
        return Download(lambda: http.open("", call="GET file", lane="file", url=url), name)

    def _api_download(self, path: str, target: FileTarget | Unset) -> Download:
        query = {} if isinstance(target, Unset) else {"target": str(target)}
        return Download(self._opening(path, query), "")

    def _opening(self, path: str, query: dict[str, str]) -> Callable[[], Awaitable[aiohttp.ClientResponse]]:
        return lambda: self._api.http.open(path, query=query or None, call=CALL, lane="general")
