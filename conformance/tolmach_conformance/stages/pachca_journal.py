"""Read the bot's deeds out of the fake Pachca's journal.

What it is for: one pure function from a journal entry to a post or another deed, and emoji by name. What
it must not do: I/O, or keep state.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, cast

from tolmach_conformance.journal import Entry
from tolmach_conformance.seen import Deed, Post

__all__ = ["GLYPHS", "read_entry"]

_Kind: TypeAlias = Literal["edit", "delete", "reaction", "typing", "pin", "read", "other"]

GLYPHS: Final[Mapping[str, str]] = {
    "eyes": "\N{EYES}",
    "heart": "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}",
    "tada": "\N{PARTY POPPER}",
    "thumbsdown": "\N{THUMBS DOWN SIGN}",
    "thumbsup": "\N{THUMBS UP SIGN}",
    "white_check_mark": "\N{WHITE HEAVY CHECK MARK}",
}
"""The emoji of which behaviours speak by name; Pachca takes the character."""

_NAMES: Final = {glyph: name for name, glyph in GLYPHS.items()}
_POST: Final = "POST /messages"
_DEEDS: Final[Mapping[str, tuple[_Kind, bool]]] = {
    "PUT /messages/{id}": ("edit", True),
    "DELETE /messages/{id}": ("delete", True),
    "POST /messages/{id}/reactions": ("reaction", True),
    "DELETE /messages/{id}/reactions": ("reaction", False),
    "POST /messages/{id}/pin": ("pin", True),
    "DELETE /messages/{id}/pin": ("pin", False),
}


def read_entry(entry: Entry, bot_id: str) -> Post | Deed | None:
    """Return what the entry says the bot did; refused calls are deeds with their status, never posts."""
    if entry.actor != bot_id or entry.kind != "http":
        return None
    if entry.operation == _POST:
        return _post(entry) if entry.status < 400 else _deed(entry, "other", on=False)
    if entry.operation in _DEEDS:
        kind, on = _DEEDS[entry.operation]
        return _deed(entry, kind, on=on)
    return None


def _post(entry: Entry) -> Post:
    asked = _mapping(_mapping(entry.detail.get("request")).get("message"))
    stored = _mapping(_mapping(entry.detail.get("response")).get("data"))
    content = stored.get("content", asked.get("content"))
    return Post(
        id=str(stored.get("id", "")),
        room_id=entry.room_id or str(stored.get("root_chat_id", "")),
        thread_id=entry.thread_id,
        text=content if isinstance(content, str) else entry.text,
        seq=entry.seq,
        at=entry.at,
        operation=entry.operation,
        request=asked,
    )


def _deed(entry: Entry, kind: _Kind, *, on: bool) -> Deed:
    asked = _mapping(entry.detail.get("request")) or _mapping(entry.detail.get("query"))
    parts = str(entry.detail.get("path", "")).split("/messages/", 1)
    message_id = parts[1].split("/", 1)[0] if len(parts) == 2 else ""
    code = str(asked.get("code") or "")
    text = _NAMES.get(code, code) or entry.text
    return Deed(
        kind, entry.room_id, message_id, text, on, entry.seq, entry.at, entry.operation, entry.status or 200
    )


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
