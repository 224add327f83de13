"""What a list of documents costs, and that what they share is nobody's to change."""

import copy
import json
import pickle
import tracemalloc

import pytest
from pachca_stub import MESSAGE

from tolmach.pachca import Message
from tolmach.pachca.reading import read_each
from tolmach.transport import compact

COUNT = 2000
MOST_BYTES = 1300
"""Per message of the length below; 3470 when every document had a set of names of its own."""


def listed(count: int, **fields: object) -> list[Message]:
    records = [{**json.loads(MESSAGE), "id": 2**40 + each, **fields} for each in range(count)]
    return read_each(Message, json.loads(json.dumps(records)), "GET /messages")


def test_a_listed_message_takes_about_a_kilobyte(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(compact, "_SHAPES", {})
    listed(2)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = listed(COUNT, content="a line of the history " * 4)
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(kept) == COUNT
    assert taken / COUNT < MOST_BYTES


def test_setting_a_field_of_one_document_says_nothing_of_another():
    raw = json.loads(MESSAGE)
    del raw["thread"], raw["deleted_at"]
    one, other = read_each(Message, [raw, dict(raw)], "GET /messages")
    one.thread = None
    one.model_fields_set.add("deleted_at")
    assert "thread" in one.model_fields_set
    assert "thread" in one.model_dump(exclude_unset=True)
    assert "deleted_at" not in one.model_fields_set
    assert other.model_fields_set == raw.keys()
    assert other.model_dump(exclude_unset=True).keys() == raw.keys()


def test_a_copy_says_nothing_of_its_original():
    raw = json.loads(MESSAGE)
    del raw["thread"]
    message = Message.model_validate(raw)
    changed = message.model_copy(update={"thread": None})
    assert "thread" in changed.model_fields_set
    assert "thread" not in message.model_fields_set
    for same in (copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert same == message
        assert same.model_fields_set == message.model_fields_set


def test_unknown_fields_of_one_document_are_not_those_of_another():
    one, other = listed(2, planet={"name": "Mars"})
    assert one.model_extra == other.model_extra == {"planet": {"name": "Mars"}}
    assert "planet" in one.model_fields_set
    (plain,) = listed(1)
    assert plain.model_extra == {}
    assert "planet" not in plain.model_fields_set


def test_a_flood_of_shapes_is_not_remembered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(compact, "_SHAPES", {})
    for each in range(compact._MOST_SHAPES + 20):
        (message,) = listed(1, **{f"field_{each}": 1})
        assert f"field_{each}" in message.model_fields_set
    assert len(compact._SHAPES) <= compact._MOST_SHAPES
