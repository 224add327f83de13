"""Buttons under a message.

What it is for: one button, sent and read. What it must not do: lay them out; ``tolmach.pachca.buttons``
does.

Source: https://dev.pachca.com
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from tolmach.pachca.models.document import Document, Given, Maybe, Sent, Short

__all__ = ["Button", "MessageButton"]


class Button(Sent):
    """Be one button: exactly one of ``url`` and ``data``.

    ``url`` opens after a question and makes no event; ``data`` comes back in a click, to the bot that
    sent the message.
    """

    text: Short
    url: Given[Annotated[str, Field(max_length=1024)]] = None
    data: Given[Short] = None

    @model_validator(mode="after")
    def _one_effect(self) -> Self:
        if (self.url is None) == (self.data is None):
            raise ValueError("a button has either url or data")
        return self


class MessageButton(Document):
    """Describe a button of a message that was read."""

    text: str
    url: Maybe[str] = None
    data: Maybe[str] = None
