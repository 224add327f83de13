"""Operations of people's avatars, and what those of chats and bots share with them.

What it is for: keeping an image that was sent. What it must not do: shrink it.
Source: https://dev.pachca.com/api/profile
"""

import hashlib
from typing import Final

from tolmach_mockservers.pachca import documents, model
from tolmach_mockservers.pachca.call import Call, operation
from tolmach_mockservers.pachca.errors import wrong
from tolmach_mockservers.pachca.routes_people import other

__all__ = ["avatar"]

_IMAGES: Final = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"GIF8": "gif"}
_LARGEST_GIF: Final = 2 * 2**20


def keep_image(call: Call) -> str:
    """Keep an uploaded image and return its name."""
    if call.image is None:
        raise wrong("image", "blank")
    body = call.image[1]
    extension = next((kind for magic, kind in _IMAGES.items() if body.startswith(magic)), None)
    if extension is None or (extension == "gif" and len(body) > _LARGEST_GIF):
        raise wrong("image", "invalid", call.image[0])
    name = f"{hashlib.sha256(body).hexdigest()[:24]}.{extension}"
    call.state.tables.avatars[name] = body
    return name


def avatar(call: Call, target: model.User | model.Chat) -> object:
    """Set an avatar."""
    target.avatar = keep_image(call)
    return {"data": {"image_url": documents.avatar_url(call.state, target.avatar)}}


@operation("PUT /profile/avatar", "profile_avatar:write", errors="401 402 403 422", kind="image")
def update_profile_avatar(call: Call) -> object:
    """Set the caller's avatar."""
    return avatar(call, call.user)


@operation("DELETE /profile/avatar", "profile_avatar:write", status=204, errors="401 402 403")
def delete_profile_avatar(call: Call) -> object:
    """Remove the caller's avatar."""
    call.user.avatar = None
    return None


@operation("PUT /users/{user_id}/avatar", "user_avatar:write", errors="401 402 403 404 422", kind="image")
def update_user_avatar(call: Call) -> object:
    """Set somebody's avatar."""
    return avatar(call, other(call))


@operation("DELETE /users/{user_id}/avatar", "user_avatar:write", status=204, errors="401 402 403 404")
def delete_user_avatar(call: Call) -> object:
    """Remove somebody's avatar."""
    other(call).avatar = None
    return None
