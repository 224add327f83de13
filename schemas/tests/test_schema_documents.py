"""Documents: what the platform writes is valid in both forms, near misses are not."""

from collections.abc import Callable

import pytest
from schema_samples import Json, edited, ejson, message, message_full, room, subscription, user

from tolmach_schemas.validation import compile_document

SAMPLES: dict[str, Callable[[], Json]] = {
    "message": message,
    "room": room,
    "subscription": subscription,
    "user": user,
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_document_is_valid_in_rest_form(name: str) -> None:
    assert compile_document(f"rocketchat/documents/{name}.rest")(SAMPLES[name]()) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_document_is_valid_in_ejson_form(name: str) -> None:
    assert compile_document(f"rocketchat/documents/{name}.ejson")(ejson(SAMPLES[name]())) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_the_two_forms_are_not_taken_for_each_other(name: str) -> None:
    assert compile_document(f"rocketchat/documents/{name}.rest")(ejson(SAMPLES[name]()))
    assert compile_document(f"rocketchat/documents/{name}.ejson")(SAMPLES[name]())


@pytest.mark.parametrize("name", SAMPLES)
def test_an_unknown_field_is_refused(name: str) -> None:
    wrong = compile_document(f"rocketchat/documents/{name}.rest")({**SAMPLES[name](), "colour": "red"})
    assert wrong == [": Additional properties are not allowed ('colour' was unexpected)"]


def test_a_message_with_everything_on_it_is_valid() -> None:
    assert compile_document("rocketchat/documents/message.rest")(message_full()) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ts", "2026-03-01T20:56:16Z"),
        ("ts", "2026-03-01 20:56:16.705Z"),
        ("ts", 1772398576705),
        ("ts", None),
        ("u", {"_id": "x"}),
        ("u.name", None),
        ("msg", None),
        ("tmid", ""),
        ("tshow", False),
        ("tcount", -1),
        ("tcount", "2"),
        ("t", "user-joined"),
        ("reactions", {"tada": {"usernames": ["bob"]}}),
        ("reactions", {":tada:": ["bob"]}),
        ("reactions.:tada:.usernames", [1]),
        ("mentions.0.type", "bot"),
        ("mentions.0.id", "x"),
        ("editedBy", "bob"),
        ("pinned", "yes"),
        ("attachments.0.image_size", "512"),
        ("attachments.0.image_dimensions", {"width": 1}),
        ("files.0", {"name": "a.png"}),
        ("urls.0.meta", None),
        ("replies", ["bob", 3]),
    ],
)
def test_a_near_miss_of_a_message_is_refused(field: str, value: object) -> None:
    assert compile_document("rocketchat/documents/message.rest")(edited(message_full(), field, value))


@pytest.mark.parametrize("field", ["_id", "rid", "msg", "ts", "u", "_updatedAt"])
def test_a_message_needs_all_that_is_always_there(field: str) -> None:
    wrong = compile_document("rocketchat/documents/message.rest")(edited(message(), field, drop=True))
    assert wrong == [f': "{field}" is a required property']


@pytest.mark.parametrize("kind", ["uj", "rm", "r", "message_pinned", "livechat-close", "omnichannel_on_hold"])
def test_system_messages_carry_a_known_type(kind: str) -> None:
    assert compile_document("rocketchat/documents/message.rest")({**message(), "t": kind}) == []


def test_a_direct_room_has_members_and_no_name() -> None:
    direct = {
        **edited(edited(room(), "name", drop=True), "fname", drop=True),
        "t": "d",
        "uids": ["a", "b"],
        "usernames": ["alice", "bob"],
    }
    assert compile_document("rocketchat/documents/room.rest")(direct) == []


@pytest.mark.parametrize(("field", "value"), [("t", "x"), ("usersCount", "4"), ("lm", 5), ("muted", "bob")])
def test_a_near_miss_of_a_room_is_refused(field: str, value: object) -> None:
    assert compile_document("rocketchat/documents/room.rest")({**room(), field: value})


@pytest.mark.parametrize(("field", "value"), [("open", 1), ("unread", None), ("status", "MUTED"), ("u", {})])
def test_a_near_miss_of_a_subscription_is_refused(field: str, value: object) -> None:
    assert compile_document("rocketchat/documents/subscription.rest")({**subscription(), field: value})


@pytest.mark.parametrize(
    ("field", "value"), [("type", "human"), ("status", "here"), ("services", {}), ("roles", "bot")]
)
def test_a_near_miss_of_a_user_is_refused(field: str, value: object) -> None:
    assert compile_document("rocketchat/documents/user.rest")({**user(), field: value})


def test_a_finding_names_the_place_and_never_the_value() -> None:
    wrong = compile_document("rocketchat/documents/message.rest")({**message(), "msg": ["s3cret"]})
    assert wrong == ['.msg: the value is not of type "string"']
