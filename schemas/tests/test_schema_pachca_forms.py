"""The schema and the fake, two witnesses, agree about any form whose fields are at or beyond their limits."""

import importlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tolmach_mockservers.clock import FakeClock
from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.call import ROUTES
from tolmach_mockservers.pachca.errors import ApiError
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.storage import Storage
from tolmach_mockservers.pachca.views import open_view
from tolmach_mockservers.seed import Seed
from tolmach_schemas.validation import compile_operation

# Importing the routes is what fills the table.
importlib.import_module("tolmach_mockservers.pachca.routes")

OPEN = "POST /views/open"
WRITTEN = compile_operation(OPEN, "pachca").request
Block = dict[str, Any]


def text(most: int) -> tuple[list[object], list[object]]:
    """Good and bad texts; "я" has two bytes, and limits count letters."""
    return ["я", "я" * (most - 1), "я" * most], ["я" * (most + 1), [], {}]


def whole(low: int, high: int) -> tuple[list[object], list[object]]:
    return [low, high], [low - 1, high + 1, "many", 1.5]


YES: tuple[list[object], list[object]] = ([True, False], ["maybe", []])


def options(most: int, chosen: str) -> tuple[list[object], list[object]]:
    plain = {"text": "t", "value": "v"}
    full = {"text": "я" * 75, "value": "я" * 255, "description": "я" * 75, chosen: True}
    bad: list[Block] = [
        {"value": "v"},
        {"text": "t"},
        {**plain, "text": "я" * 76},
        {**plain, "value": "я" * 256},
        {**plain, "description": "я" * 76},
        {**plain, chosen: "maybe"},
        {**plain, "colour": "red"},
    ]
    return [[plain], [full], [plain] * most], [[], [plain] * (most + 1), "t", *([each] for each in bad)]


NAMED = {"label!": text(150), "required": YES, "hint": text(2000)}
KINDS: dict[str, dict[str, tuple[list[object], list[object]]]] = {
    "header": {"text!": text(150)},
    "plain_text": {"text!": text(12_000)},
    "markdown": {"text!": text(12_000)},
    "divider": {},
    "input": {
        **NAMED,
        "placeholder": text(150),
        "multiline": YES,
        "initial_value": text(3000),
        # The least is never more than the most: only the fake could tell that.
        "min_length": ([0, 1], [-1, 3001, "few"]),
        "max_length": whole(1, 3000),
    },
    "select": {**NAMED, "options!": options(100, "selected")},
    "radio": {**NAMED, "options!": options(20, "checked")},
    "checkbox": {**NAMED, "options!": options(20, "checked")},
    "date": {**NAMED, "initial_date": (["2026-12-01"], ["2026-13-01", "tomorrow", 5])},
    "time": {**NAMED, "initial_time": (["09:30", "23:59"], ["25:00", "noon"])},
    "file_input": {**NAMED, "filetypes": ([["pdf"], []], ["pdf"]), "max_files": whole(1, 10)},
}
MISTAKES: list[tuple[str, str, object]] = [
    *(
        (kind, name.rstrip("!"), bad)
        for kind, fields in KINDS.items()
        for name in fields
        for bad in fields[name][1]
    ),
    *((kind, name[:-1], None) for kind, fields in KINDS.items() for name in fields if name.endswith("!")),
    *((kind, "name", bad) for kind in KINDS if "label!" in KINDS[kind] for bad in (None, "n" * 256)),
    *((kind, "colour", "red") for kind in KINDS),
]


@st.composite
def good_block(draw: st.DrawFn, kind: str | None = None) -> Block:
    kind = draw(st.sampled_from(sorted(KINDS))) if kind is None else kind
    block: Block = {"type": kind}
    for name, (good, _) in KINDS[kind].items():
        if name.endswith("!") or draw(st.booleans()):
            block[name.rstrip("!")] = draw(st.sampled_from(good))
    return block


def named(blocks: list[Block], long: bool) -> list[Block]:
    """Give names that differ, which no schema can say."""
    width = 255 if long else 1
    return [
        {**each, "name": f"{place}".rjust(width, "n")} if "label" in each else each
        for place, each in enumerate(blocks)
    ]


def asked(blocks: list[Block], **view: object) -> dict[str, Any]:
    return {"type": "modal", "trigger_id": "t", "view": {"title": "T", "blocks": blocks, **view}}


def taken(body: dict[str, Any]) -> bool:
    """Whether the fake finds nothing wrong with a form but its trigger, and knows all of its fields."""
    unknown: list[str] = []
    shape = ROUTES[OPEN].body
    assert shape is not None
    state = State(FakeClock(0.0), Seed(0), Storage())
    try:
        open_view(state, model.User(1, "b_bot", 0), shape.read(body, unknown), unknown)
    except ApiError as refused:
        return not unknown and [each.code for each in refused.items] == ["trigger_not_found"]
    raise AssertionError("there is no such trigger")


@settings(max_examples=200, deadline=None)
@given(blocks=st.lists(good_block(), max_size=6), long=st.booleans())
def test_a_form_at_its_limits_passes_both(blocks: list[Block], long: bool) -> None:
    body = asked(named(blocks, long))
    assert WRITTEN(None, body) == []
    assert taken(body)


@pytest.mark.parametrize(("kind", "field", "bad"), MISTAKES, ids=lambda each: str(each)[:24])
@settings(max_examples=5, deadline=None)
@given(data=st.data(), others=st.lists(good_block(), max_size=2))
def test_one_mistake_anywhere_is_seen_by_both(
    kind: str, field: str, bad: object, data: st.DataObject, others: list[Block]
) -> None:
    blocks = named([data.draw(good_block(kind)), *others], False)
    blocks[0] = {name: value for name, value in blocks[0].items() if name != field}
    if bad is not None:
        blocks[0][field] = bad
    body = asked(blocks)
    assert WRITTEN(None, body) != []
    assert not taken(body)


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        (asked([]), True),
        (asked([{"type": "divider"}] * 100), True),
        (asked([{"type": "divider"}] * 101), False),
        (asked([{"type": "slider"}]), False),
        (asked([{}]), False),
        (asked([], title="я" * 24, close_text="я" * 24, submit_text="я" * 24), True),
        (asked([], title="я" * 25), False),
        (asked([], close_text="я" * 25), False),
        (asked([], submit_text="я" * 25), False),
        (asked([], footer="f"), False),
        ({**asked([]), "private_metadata": "я" * 3000, "callback_id": "я" * 255}, True),
        ({**asked([]), "private_metadata": "я" * 3001}, False),
        ({**asked([]), "callback_id": "я" * 256}, False),
        ({**asked([]), "type": "page"}, False),
    ],
    ids=range(14),
)
def test_what_is_around_the_blocks_is_judged_alike(body: dict[str, Any], fits: bool) -> None:
    assert (WRITTEN(None, body) == [], taken(body)) == (fits, fits)
