"""The blocks of a form.

What it is for: every block with its documented limits, checked when it is made. What it must not do:
know which form it stands in.

Source: https://dev.pachca.com
"""

from typing import Annotated, Literal

from pydantic import Field

from tolmach.pachca.models.document import Day, Given, Sent, Short, TimeOfDay

__all__ = [
    "ViewBlock",
    "ViewBlockCheckbox",
    "ViewBlockCheckboxOption",
    "ViewBlockDate",
    "ViewBlockDivider",
    "ViewBlockFileInput",
    "ViewBlockHeader",
    "ViewBlockInput",
    "ViewBlockMarkdown",
    "ViewBlockPlainText",
    "ViewBlockRadio",
    "ViewBlockSelect",
    "ViewBlockSelectOption",
    "ViewBlockSelectableOption",
    "ViewBlockTime",
]


class ViewBlockHeader(Sent):
    """Show a headline."""

    type: Literal["header"] = "header"
    text: Annotated[str, Field(max_length=150)]


class ViewBlockPlainText(Sent):
    """Show plain text."""

    type: Literal["plain_text"] = "plain_text"
    text: Annotated[str, Field(max_length=12_000)]


class ViewBlockMarkdown(Sent):
    """Show text with inline Markdown."""

    type: Literal["markdown"] = "markdown"
    text: Annotated[str, Field(max_length=12_000)]


class ViewBlockDivider(Sent):
    """Show a line."""

    type: Literal["divider"] = "divider"


class ViewBlockInput(Sent):
    """Ask for a text; its value is text."""

    type: Literal["input"] = "input"
    name: Short
    label: Annotated[str, Field(max_length=150)]
    placeholder: Given[Annotated[str, Field(max_length=150)]] = None
    multiline: Given[bool] = None
    initial_value: Given[Annotated[str, Field(max_length=3000)]] = None
    min_length: Given[Annotated[int, Field(ge=0, le=3000)]] = None
    max_length: Given[Annotated[int, Field(ge=1, le=3000)]] = None
    required: Given[bool] = None
    hint: Given[Annotated[str, Field(max_length=2000)]] = None


class ViewBlockSelectOption(Sent):
    """Be one choice of a list."""

    text: Annotated[str, Field(max_length=75)]
    value: Short
    selected: Given[bool] = None
    description: Given[Annotated[str, Field(max_length=75)]] = None


class ViewBlockSelect(Sent):
    """Ask for one of a list; its value is text."""

    type: Literal["select"] = "select"
    name: Short
    label: Annotated[str, Field(max_length=150)]
    options: Annotated[list[ViewBlockSelectOption], Field(max_length=100, min_length=1)]
    required: Given[bool] = None
    hint: Given[Annotated[str, Field(max_length=2000)]] = None


class ViewBlockSelectableOption(Sent):
    """Be one choice of radio buttons or checkboxes."""

    text: Annotated[str, Field(max_length=75)]
    value: Short
    description: Given[Annotated[str, Field(max_length=75)]] = None
    checked: Given[bool] = None


class ViewBlockRadio(Sent):
    """Ask for one of few; its value is text."""

    type: Literal["radio"] = "radio"
    name: Short
    label: Annotated[str, Field(max_length=150)]
    options: Annotated[list[ViewBlockSelectableOption], Field(max_length=20, min_length=1)]
    required: Given[bool] = None
    hint: Given[Annotated[str, Field(max_length=2000)]] = None


class ViewBlockCheckboxOption(Sent):
    """Be one choice of checkboxes."""

    text: Annotated[str, Field(max_length=75)]
    value: Short
    description: Given[Annotated[str, Field(max_length=75)]] = None
    checked: Given[bool] = None


class ViewBlockCheckbox(Sent):
    """Ask for any of few; its value is a list of texts."""

    type: Literal["checkbox"] = "checkbox"
    name: Short
    label: Annotated[str, Field(max_length=150)]
    options: Annotated[list[ViewBlockCheckboxOption], Field(max_length=20, min_length=1)]
    required: Given[bool] = None
    hint: Given[Annotated[str, Field(max_length=2000)]] = None


class ViewBlockDate(Sent):
    """Ask for a day; its value is ``YYYY-MM-DD``."""

    type: Literal["date"] = "date"
    name: Short
    label: Annotated[str, Field(max_length=150)]
    initial_date: Given[Day] = None
    required: Given[bool] = None
    hint: Given[Annotated[str, Field(max_length=2000)]] = None


class ViewBlockTime(Sent):
    """Ask for a time; its value is ``HH:mm``."""

    type: Literal["time"] = "time"
    name: Short
    label: Annotated[str, Field(max_length=150)]
    initial_time: Given[TimeOfDay] = None
    required: Given[bool] = None
    hint: Given[Annotated[str, Field(max_length=2000)]] = None


class ViewBlockFileInput(Sent):
    """Ask for files; its value is a list of ``{name, size, url}``."""

    type: Literal["file_input"] = "file_input"
    name: Short
    label: Annotated[str, Field(max_length=150)]
    filetypes: Given[list[str]] = None
    max_files: Given[Annotated[int, Field(ge=1, le=10)]] = None
    required: Given[bool] = None
    hint: Given[Annotated[str, Field(max_length=2000)]] = None


ViewBlock = Annotated[
    ViewBlockHeader
    | ViewBlockPlainText
    | ViewBlockMarkdown
    | ViewBlockDivider
    | ViewBlockInput
    | ViewBlockSelect
    | ViewBlockRadio
    | ViewBlockCheckbox
    | ViewBlockDate
    | ViewBlockTime
    | ViewBlockFileInput,
    Field(discriminator="type"),
]
"""Any block; ``type`` says which."""
