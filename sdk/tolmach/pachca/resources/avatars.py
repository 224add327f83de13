"""Pictures of people, bots and chats.

What it is for: the one multipart upload of the API itself. What it must not do: scale a picture; the
server does.

Source: https://dev.pachca.com
"""

import asyncio
import mimetypes
from os import PathLike
from pathlib import Path

import aiohttp

from tolmach.pachca.api import Api
from tolmach.pachca.models.shared import AvatarData
from tolmach.pachca.reading import read_data

__all__ = ["AvatarSource", "change_avatar"]

AvatarSource = bytes | str | PathLike[str]
"""The bytes of a picture, or the path of one."""


async def change_avatar(api: Api, operation: str, *ids: int, image: AvatarSource, name: str) -> str:
    """Send a picture and return its new URL."""
    if isinstance(image, bytes):
        content = image
    else:
        path = Path(image)
        content, name = await asyncio.to_thread(path.read_bytes), path.name
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"

    def form() -> aiohttp.FormData:
        data = aiohttp.FormData()
        data.add_field("image", content, filename=name, content_type=kind)
        return data

    body = await api.call(operation, *ids, payload=form)
    return read_data(AvatarData, body, operation).image_url
