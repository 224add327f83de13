"""Message texts: mentions, the size limit, buttons.

What it is for: pure rules of content. What it must not do: change state.
Source: https://dev.pachca.com/guides/text-formatting
"""

import re
from typing import Final, cast

from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.errors import wrong
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json

__all__ = [
    "LONGEST",
    "check_buttons",
    "check_content",
    "mentioned",
    "stored_content",
    "unknown_in_buttons",
]

LONGEST: Final = 40_000
"""Bytes of UTF-8."""

_BY_ID: Final = re.compile(r"<@(\d+)>")
_BY_NAME: Final = re.compile(r"(?<![\w@.\-])@([\w.\-]+)")
_PER_ROW: Final = 8
_ROWS: Final = 32
_IN_ALL: Final = 100
_BUTTON: Final = frozenset({"text", "url", "data"})


def check_content(content: str, key: str = "content") -> None:
    """Refuse a text that is too long."""
    if len(content) > LONGEST // 4 and len(content.encode()) > LONGEST:
        raise wrong(key, "too_long")


def stored_content(state: State, author: model.User, content: str) -> str:
    """Return a text with mentions by id turned into mentions by nickname."""
    if "<@" not in content:
        return content

    def name(found: re.Match[str]) -> str:
        user = state.tables.users.get(int(found[1]))
        if user is None or user.deleted:
            return found[0]
        if author.role == "multi_guest" and not any(
            author.id in each.members and user.id in each.members for each in state.tables.chats.values()
        ):
            return found[0]
        return f"@{user.nickname}"

    return _BY_ID.sub(name, content)


def mentioned(state: State, content: str) -> list[model.User]:
    """Return the people whom a stored text names by nickname."""
    if "@" not in content:
        return []
    found: list[model.User] = []
    for name in _BY_NAME.findall(content):
        user = state.named(name) or state.named(name.rstrip(".-"))
        if user is not None and user not in found:
            found.append(user)
    return found


def check_buttons(rows: object) -> list[list[Json]] | None:
    """Return rows of buttons as they are kept; none is None."""
    if not isinstance(rows, list):
        raise wrong("buttons", "invalid", rows)
    given = cast("list[object]", rows)
    if len(given) > _ROWS:
        raise wrong("buttons", "too_long", len(given))
    kept: list[list[Json]] = []
    total = 0
    for row in given:
        if not isinstance(row, list):
            raise wrong("buttons", "invalid", row)
        buttons = [_button(each) for each in cast("list[object]", row)]
        if len(buttons) > _PER_ROW:
            raise wrong("buttons", "too_long", len(buttons))
        total += len(buttons)
        kept.append(buttons)
    if total > _IN_ALL:
        raise wrong("buttons", "too_long", total)
    return kept or None


def unknown_in_buttons(rows: object) -> list[str]:
    """Return names of fields that buttons do not have; the API ignores them."""
    found: list[str] = []
    for row in cast("list[object]", rows) if isinstance(rows, list) else []:
        for each in cast("list[object]", row) if isinstance(row, list) else []:
            if isinstance(each, dict):
                found += [f"message.buttons.{name}" for name in cast("Json", each) if name not in _BUTTON]
    return found


def _button(given: object) -> Json:
    if not isinstance(given, dict):
        raise wrong("buttons", "invalid", given)
    fields = {name: value for name, value in cast("Json", given).items() if value is not None}
    text, url, data = fields.get("text"), fields.get("url"), fields.get("data")
    if not isinstance(text, str) or not text:
        raise wrong("buttons.text", "blank", text)
    if (url is None) == (data is None):
        raise wrong("buttons", "invalid", given)
    for name, value, most in (("text", text, 255), ("url", url, 1024), ("data", data, 255)):
        if value is not None and not isinstance(value, str):
            raise wrong(f"buttons.{name}", "invalid", value)
        if isinstance(value, str) and len(value) > most:
            raise wrong(f"buttons.{name}", "too_long", value)
    return {"text": text, "url": url} if data is None else {"text": text, "data": data}
