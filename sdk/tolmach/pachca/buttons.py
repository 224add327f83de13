"""Lay out buttons.

What it is for: rows of buttons from short words, within the limits of the API. What it must not do: send
them.

Source: https://dev.pachca.com
"""

from collections.abc import Iterable, Sequence

from tolmach.errors import NotSent
from tolmach.pachca.models.button import Button
from tolmach.pachca.reading import build

__all__ = ["Button", "data_button", "grid", "url_button"]

MOST_IN_ROW = 8
MOST_ROWS = 32
MOST = 100


def data_button(text: str, data: str) -> Button:
    """Make a button that comes back to the bot in a click, with ``data`` (at most 255 characters)."""
    return build(Button, {"text": text, "data": data})


def url_button(text: str, url: str) -> Button:
    """Make a button that opens ``url`` (at most 1024 characters)."""
    return build(Button, {"text": text, "url": url})


def grid(buttons: Iterable[Button], columns: int = MOST_IN_ROW) -> Sequence[Sequence[Button]]:
    """Return the buttons in rows of ``columns``; raises NotSent beyond 8 in a row, 32 rows or 100 in all."""
    if not 1 <= columns <= MOST_IN_ROW:
        raise NotSent(f"columns: a row has 1 to {MOST_IN_ROW} buttons", field="columns")
    every = list(buttons)
    rows = [every[start : start + columns] for start in range(0, len(every), columns)]
    if len(every) > MOST or len(rows) > MOST_ROWS:
        raise NotSent(f"buttons: a message has at most {MOST}, in {MOST_ROWS} rows", field="buttons")
    return rows
