"""Forms.

What it is for: opening one and answering a submission. What it must not do: decide what is right; the
bot does.

Source: https://dev.pachca.com
"""

from typing import Annotated, Literal

from pydantic import Field

from tolmach.pachca.models.block import ViewBlock
from tolmach.pachca.models.document import Document, Given, Sent, Short

__all__ = [
    "OpenViewRequest",
    "SubmitViewResponseRequest",
    "SubmitViewResponseResult",
    "View",
    "ViewErrorsResponse",
]


class View(Sent):
    """Describe a form."""

    title: Annotated[str, Field(max_length=24)]
    blocks: Annotated[list[ViewBlock], Field(max_length=100)]
    close_text: Given[Annotated[str, Field(max_length=24)]] = None
    submit_text: Given[Annotated[str, Field(max_length=24)]] = None


class OpenViewRequest(Sent):
    """Open a form; a trigger lives three seconds and opens one."""

    type: Literal["modal"] = "modal"
    trigger_id: str
    view: View
    private_metadata: Given[Annotated[str, Field(max_length=3000)]] = None
    callback_id: Given[Short] = None


class SubmitViewResponseRequest(Sent):
    """Answer a submission."""

    submit_id: str
    errors: Given[dict[str, str]] = None


class SubmitViewResponseResult(Document):
    """Say that an answer arrived."""

    success: bool


class ViewErrorsResponse(Sent):
    """Show errors under the fields of a form."""

    errors: dict[str, Annotated[str, Field(max_length=2000)]]
