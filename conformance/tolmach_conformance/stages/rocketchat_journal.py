"""Read the bot's deeds out of the fake Rocket.Chat's journal.

What it is for: one pure function from a journal entry to a post or another deed, whether the bot speaks
REST or DDP. What it must not do: I/O, or keep state.
"""

import json
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, cast

from tolmach_conformance.journal import Entry
from tolmach_conformance.seen import Deed, Post

__all__ = ["read_entry"]

_Kind: TypeAlias = Literal["edit", "delete", "reaction", "typing", "pin", "read", "other"]

_POSTS: Final = frozenset({"chat.sendMessage", "chat.postMessage", "sendMessage"})
_DEEDS: Final[Mapping[str, tuple[_Kind, bool]]] = {
    "chat.update": ("edit", True),
    "updateMessage": ("edit", True),
    "chat.delete": ("delete", True),
    "deleteMessage": ("delete", True),
    "chat.react": ("reaction", True),
    "setReaction": ("reaction", True),
    "chat.pinMessage": ("pin", True),
    "chat.unPinMessage": ("pin", False),
    "subscriptions.read": ("read", True),
    "readMessages": ("read", True),
}
_MESSAGE_KEYS: Final = ("msgId", "messageId", "_id")


def read_entry(entry: Entry, bot_id: str) -> Post | Deed | None:
    """Return what the entry says the bot did; refused calls are deeds with their status, never posts."""
    if entry.actor != bot_id:
        return None
    if entry.kind == "typing":
        on = entry.detail.get("on") is not False
        return Deed("typing", entry.room_id, "", "", on, entry.seq, entry.at, "typing")
    if entry.kind == "http":
        return _from_rest(entry)
    if entry.kind == "ddp.in":
        return _from_ddp(entry)
    return None


def _from_rest(entry: Entry) -> Post | Deed | None:
    request, response = _mapping(entry.detail.get("request")), _mapping(entry.detail.get("response"))
    if entry.operation in _POSTS:
        if entry.status != 200:
            return _deed(entry, "other", request, on=False)
        asked = _mapping(request.get("message")) or request
        stored = _mapping(response.get("message"))
        return _post(entry, asked, stored)
    if entry.operation in _DEEDS:
        kind, on = _DEEDS[entry.operation]
        return _deed(entry, kind, request, on=on and request.get("shouldReact") is not False)
    return None


def _from_ddp(entry: Entry) -> Post | Deed | None:
    if entry.operation not in _POSTS and entry.operation not in _DEEDS:
        return None
    params = _params(entry)
    first = params[0] if params else None
    if entry.operation in _POSTS:
        if entry.status >= 400:
            return _deed(entry, "other", _mapping(first), on=False)
        return _post(entry, _mapping(first), {})
    kind, on = _DEEDS[entry.operation]
    if entry.operation == "setReaction":
        asked: Mapping[str, object] = {"messageId": params[1] if len(params) > 1 else "", "emoji": first}
    elif isinstance(first, str):
        asked = {"rid": first}
    else:
        asked = _mapping(first)
    return _deed(entry, kind, asked, on=on)


def _params(entry: Entry) -> list[object]:
    frame = entry.detail.get("frame", entry.detail)
    if isinstance(frame, str):
        try:
            frame = json.loads(frame)
        except ValueError:
            return []
    params = _mapping(frame).get("params")
    return params if isinstance(params, list) else []


def _post(entry: Entry, asked: Mapping[str, object], stored: Mapping[str, object]) -> Post:
    def text(name: str) -> str:
        value = stored.get(name, asked.get(name))
        return value if isinstance(value, str) else ""

    return Post(
        id=text("_id"),
        room_id=entry.room_id or text("rid") or text("roomId"),
        thread_id=text("tmid") or entry.thread_id,
        text=text("msg") or text("text") or entry.text,
        seq=entry.seq,
        at=entry.at,
        operation=entry.operation,
        request=asked,
    )


def _deed(entry: Entry, kind: _Kind, asked: Mapping[str, object], *, on: bool) -> Deed:
    message_id = next((str(asked[key]) for key in _MESSAGE_KEYS if asked.get(key)), "")
    text = str(asked.get("emoji") or asked.get("text") or entry.text)
    room_id = entry.room_id or str(asked.get("roomId") or asked.get("rid") or "")
    return Deed(
        kind,
        room_id,
        message_id,
        text.strip(":"),
        on,
        entry.seq,
        entry.at,
        entry.operation,
        entry.status or 200,
    )


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
