"""The channel's buttons as Pachca's.

What it is for: rows within the limits of the API, the same rows where they fit. What it must not do: send.

Source: https://dev.pachca.com
"""

from collections.abc import Sequence

from tolmach.channel.buttons import Button, Rows
from tolmach.pachca import buttons as pachca_buttons
from tolmach.pachca.buttons import MOST_IN_ROW, grid

__all__ = ["laid_out"]


def laid_out(rows: Rows) -> Sequence[Sequence[pachca_buttons.Button]]:
    """Return rows of buttons; raises NotSent for what the API forbids.

    A row that is too long is wrapped: who asked for it on another platform could not know.
    """
    return [part for row in rows for part in grid(map(_button, row), MOST_IN_ROW)]


def _button(button: Button) -> pachca_buttons.Button:
    if button.url:
        return pachca_buttons.url_button(button.text, button.url)
    return pachca_buttons.data_button(button.text, button.data)
