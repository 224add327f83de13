"""Build forms.

What it is for: a form from short words, each block checked when it is added, so that a mistake shows
where it is made. What it must not do: send it.

::

    form = Form("New order")
    form.input("what", "What", required=True).select("size", "Size", {"s": "Small", "l": "Large"}, chosen="s")
    await pachca.views.open(click.trigger_id, form.view(), callback_id="order")

Source: https://dev.pachca.com
"""

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Self

from tolmach.errors import NotSent
from tolmach.pachca.models.block import (
    ViewBlock,
    ViewBlockCheckbox,
    ViewBlockDate,
    ViewBlockDivider,
    ViewBlockFileInput,
    ViewBlockHeader,
    ViewBlockInput,
    ViewBlockMarkdown,
    ViewBlockPlainText,
    ViewBlockRadio,
    ViewBlockSelect,
    ViewBlockTime,
)
from tolmach.pachca.models.view import View
from tolmach.pachca.reading import build
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["Form"]

Choices = Mapping[str, str]
"""Value to text, in the order of showing."""

Text = str | Unset

MOST_BLOCKS = 100


class Form:
    """Collect blocks; every method adds one and returns the form. Names are unique within a form."""

    def __init__(self, title: str, *, submit: Text = UNSET, close: Text = UNSET) -> None:
        self._around = given(title=title, submit_text=submit, close_text=close)
        self._blocks: list[ViewBlock] = []
        self._names: set[str] = set()
        self.view()

    def header(self, text: str) -> Self:
        """Show a headline."""
        return self._add(build(ViewBlockHeader, {"text": text}))

    def text(self, text: str) -> Self:
        """Show plain text."""
        return self._add(build(ViewBlockPlainText, {"text": text}))

    def markdown(self, text: str) -> Self:
        """Show text with inline Markdown."""
        return self._add(build(ViewBlockMarkdown, {"text": text}))

    def divider(self) -> Self:
        """Show a line."""
        return self._add(ViewBlockDivider())

    def input(
        self,
        name: str,
        label: str,
        *,
        placeholder: Text = UNSET,
        multiline: bool | Unset = UNSET,
        initial: Text = UNSET,
        min_length: int | Unset = UNSET,
        max_length: int | Unset = UNSET,
        required: bool | Unset = UNSET,
        hint: Text = UNSET,
    ) -> Self:
        """Ask for a text."""
        fields = given(
            name=name,
            label=label,
            placeholder=placeholder,
            multiline=multiline,
            initial_value=initial,
            min_length=min_length,
            max_length=max_length,
            required=required,
            hint=hint,
        )
        if (
            not isinstance(min_length, Unset)
            and not isinstance(max_length, Unset)
            and min_length > max_length
        ):
            raise NotSent("min_length: it is above max_length", field="min_length")
        return self._add(build(ViewBlockInput, fields), name)

    def select(
        self,
        name: str,
        label: str,
        choices: Choices,
        *,
        chosen: Text = UNSET,
        required: bool | Unset = UNSET,
        hint: Text = UNSET,
    ) -> Self:
        """Ask for one of up to 100 choices."""
        options = _options(choices, _only(chosen), mark="selected")
        fields = given(name=name, label=label, options=options, required=required, hint=hint)
        return self._add(build(ViewBlockSelect, fields), name)

    def radio(
        self,
        name: str,
        label: str,
        choices: Choices,
        *,
        chosen: Text = UNSET,
        required: bool | Unset = UNSET,
        hint: Text = UNSET,
    ) -> Self:
        """Ask for one of up to 20 choices, all of them shown."""
        options = _options(choices, _only(chosen), mark="checked")
        fields = given(name=name, label=label, options=options, required=required, hint=hint)
        return self._add(build(ViewBlockRadio, fields), name)

    def checkbox(
        self,
        name: str,
        label: str,
        choices: Choices,
        *,
        chosen: Iterable[str] = (),
        required: bool | Unset = UNSET,
        hint: Text = UNSET,
    ) -> Self:
        """Ask for any of up to 20 choices."""
        options = _options(choices, frozenset(chosen), mark="checked")
        fields = given(name=name, label=label, options=options, required=required, hint=hint)
        return self._add(build(ViewBlockCheckbox, fields), name)

    def date(
        self,
        name: str,
        label: str,
        *,
        initial: date | Unset = UNSET,
        required: bool | Unset = UNSET,
        hint: Text = UNSET,
    ) -> Self:
        """Ask for a day."""
        fields = given(name=name, label=label, initial_date=initial, required=required, hint=hint)
        return self._add(build(ViewBlockDate, fields), name)

    def time(
        self,
        name: str,
        label: str,
        *,
        initial: time | Unset = UNSET,
        required: bool | Unset = UNSET,
        hint: Text = UNSET,
    ) -> Self:
        """Ask for a time of the day, in minutes."""
        fields = given(name=name, label=label, initial_time=initial, required=required, hint=hint)
        return self._add(build(ViewBlockTime, fields), name)

    def files(
        self,
        name: str,
        label: str,
        *,
        filetypes: Iterable[str] | Unset = UNSET,
        max_files: int | Unset = UNSET,
        required: bool | Unset = UNSET,
        hint: Text = UNSET,
    ) -> Self:
        """Ask for up to 10 files; ``filetypes`` filters the picker and nothing else."""
        kinds = UNSET if isinstance(filetypes, Unset) else list(filetypes)
        fields = given(
            name=name, label=label, filetypes=kinds, max_files=max_files, required=required, hint=hint
        )
        return self._add(build(ViewBlockFileInput, fields), name)

    def view(self) -> View:
        """Return the form as it is sent; raises NotSent beyond 100 blocks."""
        return build(View, {**self._around, "blocks": self._blocks})

    def _add(self, block: ViewBlock, name: str | None = None) -> Self:
        if len(self._blocks) >= MOST_BLOCKS:
            raise NotSent(f"blocks: a form has at most {MOST_BLOCKS}", field="blocks")
        if name is not None:
            if name in self._names:
                raise NotSent(f"name: there is a block called {name!r} already", field="name")
            self._names.add(name)
        self._blocks.append(block)
        return self


def _only(chosen: Text) -> frozenset[str]:
    return frozenset() if isinstance(chosen, Unset) else frozenset({chosen})


def _options(choices: Choices, chosen: frozenset[str], *, mark: str) -> list[dict[str, object]]:
    # The API marks the first choice as "selected" in a list and as "checked" in buttons and boxes.
    unknown = chosen - choices.keys()
    if unknown:
        raise NotSent(f"chosen: {min(unknown)!r} is no choice", field="chosen")
    return [
        {"text": text, "value": value, **({mark: True} if value in chosen else {})}
        for value, text in choices.items()
    ]
