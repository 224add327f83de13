"""What the journal says about a call: its room, thread and text, and its detail.

What it is for: columns that a search uses, and secrets masked. What it must not do: change a call.
"""

import json
from collections.abc import Mapping
from typing import Final, cast

from tolmach_mockservers.pachca.call import Call

__all__ = ["Detail", "subject"]

_SECRET: Final = frozenset(
    {"access_token", "refresh_token", "token", "client_secret", "secret_token", "code", "code_verifier"}
)


def subject(
    call: Call, given: Mapping[str, object], query: Mapping[str, object]
) -> tuple[str | None, str | None, str | None]:
    """Return room, thread (its root message) and text as far as call and request tell."""
    inner = given.get("message")
    message = cast("Mapping[str, object]", inner) if isinstance(inner, dict) else {}
    text = call.text
    if text is None:
        found = message.get("content")
        text = found if isinstance(found, str) else None
    if call.room_id is None:
        _locate(call, message, query)
    room, thread = call.room_id, call.thread_id
    return None if room is None else str(room), None if thread is None else str(thread), text


def _locate(call: Call, message: Mapping[str, object], query: Mapping[str, object]) -> None:
    tables = call.state.tables
    if "id" in call.path and call.path["id"].isdecimal():
        number = int(call.path["id"])
        known = tables.messages.get(number)
        chat = tables.chats.get(number if known is None else known.chat_id)
    else:
        entity, kind = message.get("entity_id"), str(message.get("entity_type", "discussion")).lower()
        wanted = str(query.get("chat_id", ""))
        number = entity if isinstance(entity, int) else int(wanted) if wanted.isdecimal() else -1
        if kind == "thread" and number in tables.threads:
            number = tables.threads[number].chat_id
        elif kind == "user" and call.caller is not None:
            low, high = sorted((number, call.caller.id))
            number = tables.personal.get((low, high), -1)
        chat = tables.chats.get(number)
    if chat is not None:
        call.in_chat(chat)


class Detail:
    """Make the journal's detail of a call when somebody reads it."""

    __slots__ = ("_body", "_claimed", "_cut", "_given", "_method", "_path", "_query")

    def __init__(
        self,
        method: str,
        path: str,
        query: Mapping[str, object],
        given: Mapping[str, object],
        body: bytes,
        cut: str | None,
        claimed: int | None = None,
    ) -> None:
        self._method = method
        self._path = path
        self._query = query
        self._given = given
        self._body = body
        self._cut = cut
        self._claimed = claimed

    def __call__(self) -> Mapping[str, object]:
        """Return method, path, what was sent and what was answered."""
        shown: dict[str, object] = {"method": self._method, "path": self._path}
        if self._query:
            shown["query"] = dict(self._query)
        if self._given:
            shown["request"] = _masked(self._given)
        if self._body:
            try:
                shown["response"] = _masked(json.loads(self._body))
            except ValueError:
                shown["response"] = self._body.decode("utf-8", "replace")
        if self._cut is not None:
            shown["cut"] = self._cut
        if self._claimed is not None:
            shown["claimed"] = str(self._claimed)
        return shown


def _masked(value: object) -> object:
    match value:
        case Mapping():
            fields = cast("Mapping[str, object]", value)
            # A reaction's code is an emoji, an error's a word; an OAuth code has 43 characters.
            return {
                name: "***" if name in _SECRET and isinstance(each, str) and len(each) > 24 else _masked(each)
                for name, each in fields.items()
            }
        case list():
            return [_masked(each) for each in cast("list[object]", value)]
        case _:
            return value
