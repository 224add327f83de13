"""Buttons in neutral words: offered under an answer, and pressed.

What it is for: reading what an agent asks for, writing buttons out where a platform has none, and the line
in which a press reaches the agent. What it must not do: know a platform or its limits.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from tolmach.channel.systemlines import plain

__all__ = ["Button", "ButtonsError", "Rows", "numbered", "pressed", "read"]

LONGEST_LINE = 2400
"""Characters of the line that tells of a press."""


@dataclass(frozen=True, slots=True)
class Button:
    """Offer something to press: ``data`` comes back to the bot, or ``url`` opens for the person."""

    text: str
    data: str = ""
    url: str = ""


Rows = tuple[tuple[Button, ...], ...]


class ButtonsError(ValueError):
    """Say what is wrong with the buttons that were asked for, in words for who asked."""


def read(value: object) -> Rows:
    """Return rows of buttons from JSON values: a list of buttons is one row; raises ButtonsError."""
    if not isinstance(value, list) or not value:
        raise ButtonsError("buttons is a list of rows, each a list of {text, data} or {text, url}")
    items = cast("list[object]", value)
    rows = items if all(isinstance(one, list) for one in items) else [items]
    return tuple(tuple(_button(one) for one in cast("list[object]", row)) for row in rows if row)


def numbered(rows: Sequence[Sequence[Button]]) -> str:
    """Return buttons as numbered lines, for a platform that has none."""
    every = [button for row in rows for button in row]
    return "\n".join(
        f"{number}. [{plain(button.text)}]({button.url})" if button.url else f"{number}. {plain(button.text)}"
        for number, button in enumerate(every, 1)
    )


def pressed(data: str, message_id: str) -> str:
    """Return the line that tells an agent of a press."""
    event = {"event": "button_pressed", "data": data, "message_id": message_id}
    line = json.dumps(event, ensure_ascii=False)
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def _button(value: object) -> Button:
    if not isinstance(value, dict):
        raise ButtonsError("a button is an object: {text, data} or {text, url}")
    fields = cast("dict[str, object]", value)
    found = {name: fields.get(name, "") for name in ("text", "data", "url")}
    if unknown := [name for name in fields if name not in found]:
        raise ButtonsError(f"a button has no field {unknown[0][:40]!r}; it has text, and data or url")
    if not all(isinstance(one, str) for one in found.values()):
        raise ButtonsError("text, data and url of a button are texts")
    text, data, url = (cast("str", found[name]) for name in ("text", "data", "url"))
    if not text.strip():
        raise ButtonsError("a button needs a text")
    if bool(data) == bool(url):
        raise ButtonsError(f"the button {text[:40]!r} needs data or url, one of them")
    return Button(text, data, url)
