"""Forms, buttons and emoji: what they become, and the limits that are checked."""

import json
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tolmach.errors import NotSent
from tolmach.pachca import Form, data_button, glyph_of, grid, name_of, url_button
from tolmach.pachca.emoji import is_glyph


def test_a_form_becomes_the_json_of_the_reference():
    form = (
        Form("Order", submit="Send", close="Back")
        .header("What you want")
        .text("plain")
        .markdown("**bold**")
        .divider()
        .input(
            "what", "What", placeholder="a pizza", multiline=True, min_length=1, max_length=30, required=True
        )
        .select("size", "Size", {"s": "Small", "l": "Large"}, chosen="l", hint="of the pizza")
        .radio("when", "When", {"now": "Now", "later": "Later"}, chosen="now")
        .checkbox("with", "With", {"a": "Olives", "b": "Basil"}, chosen=["b"])
        .date("day", "Day", initial=date(2026, 5, 1))
        .time("hour", "Hour", initial=time(9, 5, 59))
        .files("proof", "Proof", filetypes=["pdf", "image/png"], max_files=2)
    )
    assert form.view().to_wire() == {
        "title": "Order",
        "submit_text": "Send",
        "close_text": "Back",
        "blocks": [
            {"type": "header", "text": "What you want"},
            {"type": "plain_text", "text": "plain"},
            {"type": "markdown", "text": "**bold**"},
            {"type": "divider"},
            {
                "type": "input",
                "name": "what",
                "label": "What",
                "placeholder": "a pizza",
                "multiline": True,
                "min_length": 1,
                "max_length": 30,
                "required": True,
            },
            {
                "type": "select",
                "name": "size",
                "label": "Size",
                "options": [
                    {"text": "Small", "value": "s"},
                    {"text": "Large", "value": "l", "selected": True},
                ],
                "hint": "of the pizza",
            },
            {
                "type": "radio",
                "name": "when",
                "label": "When",
                "options": [
                    {"text": "Now", "value": "now", "checked": True},
                    {"text": "Later", "value": "later"},
                ],
            },
            {
                "type": "checkbox",
                "name": "with",
                "label": "With",
                "options": [
                    {"text": "Olives", "value": "a"},
                    {"text": "Basil", "value": "b", "checked": True},
                ],
            },
            {"type": "date", "name": "day", "label": "Day", "initial_date": "2026-05-01"},
            {"type": "time", "name": "hour", "label": "Hour", "initial_time": "09:05"},
            {
                "type": "file_input",
                "name": "proof",
                "label": "Proof",
                "filetypes": ["pdf", "image/png"],
                "max_files": 2,
            },
        ],
    }


def many(count: int) -> dict[str, str]:
    return {str(number): "x" for number in range(count)}


@pytest.mark.parametrize(
    "act",
    [
        lambda: Form("x" * 25),
        lambda: Form("x", submit="x" * 25),
        lambda: Form("x").header("x" * 151),
        lambda: Form("x").text("x" * 12_001),
        lambda: Form("x").input("n" * 256, "l"),
        lambda: Form("x").input("n", "l" * 151),
        lambda: Form("x").input("n", "l", initial="x" * 3001),
        lambda: Form("x").input("n", "l", max_length=3001),
        lambda: Form("x").input("n", "l", min_length=5, max_length=4),
        lambda: Form("x").input("n", "l", hint="x" * 2001),
        lambda: Form("x").select("n", "l", {}),
        lambda: Form("x").select("n", "l", many(101)),
        lambda: Form("x").select("n", "l", {"a": "x" * 76}),
        lambda: Form("x").select("n", "l", {"a": "A"}, chosen="b"),
        lambda: Form("x").radio("n", "l", many(21)),
        lambda: Form("x").checkbox("n", "l", many(21)),
        lambda: Form("x").checkbox("n", "l", {"v" * 256: "A"}),
        lambda: Form("x").files("n", "l", max_files=11),
        lambda: Form("x").files("n", "l", max_files=0),
        lambda: Form("x").input("same", "l").date("same", "l"),
        lambda: [Form("x")] and _long(101),
        lambda: data_button("x" * 256, "d"),
        lambda: data_button("x", "d" * 256),
        lambda: url_button("x", "u" * 1025),
        lambda: grid([data_button("a", "b")] * 101),
        lambda: grid([data_button("a", "b")] * 33, columns=1),
        lambda: grid([], columns=9),
    ],
)
def test_every_documented_limit_is_checked(act: object):
    assert callable(act)
    with pytest.raises(NotSent) as caught:
        act()
    assert caught.value.field


def _long(blocks: int) -> Form:
    form = Form("x")
    for _ in range(blocks):
        form.divider()
    return form


def test_the_largest_of_everything_passes():
    assert len(_long(100).view().blocks) == 100
    Form("x" * 24).select("n" * 255, "l" * 150, many(100)).radio("r", "l", many(20)).text("x" * 12_000)
    rows = grid([data_button("t" * 255, "d" * 255)] * 100)
    assert [len(row) for row in rows] == [8] * 12 + [4]


@settings(max_examples=200, deadline=None)
@given(
    title=st.text(max_size=30),
    name=st.text(max_size=300),
    label=st.text(max_size=200),
    choices=st.dictionaries(st.text(max_size=260), st.text(max_size=80), max_size=25),
)
def test_fuzz_a_form_is_within_its_limits_or_refused(
    title: str, name: str, label: str, choices: dict[str, str]
):
    fits = (
        len(title) <= 24
        and len(name) <= 255
        and len(label) <= 150
        and 1 <= len(choices) <= 20
        and all(len(value) <= 255 and len(text) <= 75 for value, text in choices.items())
    )
    try:
        wire = Form(title).radio(name, label, choices).view().to_wire()
    except NotSent:
        assert not fits
        return
    assert fits
    json.dumps(wire)


@pytest.mark.parametrize(
    ("name", "glyph"), [("+1", "👍"), (":thumbs_up:", "👍"), ("heart", "❤️"), ("fire", "🔥")]
)
def test_names_and_glyphs_find_each_other(name: str, glyph: str):
    assert glyph_of(name) == glyph
    found = name_of(glyph)
    assert found is not None
    assert glyph_of(found) == glyph
    assert is_glyph(glyph)


def test_what_is_no_emoji_has_no_name():
    assert glyph_of("no-such-thing") is None
    assert name_of("x") is None
    assert not is_glyph("👍👍")
