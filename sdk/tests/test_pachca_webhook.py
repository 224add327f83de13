"""Deliveries: what is taken, what is refused, and that nothing forged gets through."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tolmach.errors import ConfigError, RemoteProtocolError, WebhookRefused
from tolmach.pachca import (
    SOURCE_ADDRESSES,
    ButtonPressed,
    ChatMemberAdded,
    CompanyMemberUpdated,
    ExportReady,
    FormSubmitted,
    LinkShared,
    MessageDeleted,
    MessageEdited,
    MessageEvent,
    MessageNew,
    ReactionRemoved,
    UnknownEvent,
    VideoCallFinished,
    event_key,
    parse,
    parse_event,
    sign,
    verify,
)
from tolmach.pachca.events import EVENTS

SECRET = "signing-secret"
NOW = 1_747_319_400
MESSAGE = (
    b'{"type":"message","id":194275,"event":"new","entity_type":"thread","entity_id":265142,"content":"Hi",'
    b'"user_id":12,"created_at":"2025-05-15T14:30:00.000Z","url":"https://app.pachca.com/chats/1?message=194275",'
    b'"chat_id":2637266155,"parent_message_id":null,"thread":{"message_id":154332686,"message_chat_id":334},'
    b'"webhook_timestamp":1747319400}'
)
AT = '"created_at":"2025-05-15T14:30:00Z","webhook_timestamp":1747319400'
OTHERS: Mapping[str, tuple[str, type[object]]] = {
    "reaction": (
        '{"type":"reaction","event":"delete","chat_id":null,"message_id":1,"code":"👍","name":":+1:",'
        f'"user_id":2,{AT}}}',
        ReactionRemoved,
    ),
    "click": (
        '{"type":"button","event":"click","message_id":1,"trigger_id":"t","data":"d","user_id":2,"chat_id":3,'
        '"webhook_timestamp":1747319400}',
        ButtonPressed,
    ),
    "form": (
        '{"type":"view","event":"submit","callback_id":null,"private_metadata":null,"chat_id":null,"user_id":2,'
        '"view_id":"v","submit_id":"s","data":{"a":"b","c":["d"]},"webhook_timestamp":1747319400}',
        FormSubmitted,
    ),
    "member": (
        f'{{"type":"chat_member","event":"add","chat_id":1,"thread_id":null,"user_ids":[2,3],{AT}}}',
        ChatMemberAdded,
    ),
    "company": (f'{{"type":"company_member","event":"update","user_ids":[2],{AT}}}', CompanyMemberUpdated),
    "link": (
        '{"type":"message","event":"link_shared","chat_id":1,"message_id":2,"user_id":3,"entity_type":"user",'
        f'"entity_id":null,"thread":null,"links":[{{"url":"https://a.b","domain":"a.b","skip":false}}],{AT}}}',
        LinkShared,
    ),
    "call": (
        '{"type":"video_call","event":"finished","video_room_id":1,"chat_id":2,"owner_id":3,"thread":null,'
        '"started_at":"2025-05-15T14:00:00.000Z","finished_at":"2025-05-15T14:30:00.000Z","duration":1800,'
        '"members":[{"user_id":3,"joined_at":"2025-05-15T14:00:00.000Z","left_at":"2025-05-15T14:30:00.000Z"}],'
        '"webhook_timestamp":1747319400}',
        VideoCallFinished,
    ),
    "export": (
        '{"type":"export","event":"ready","export_id":22322,"created_at":"2025-03-20T12:33:58Z"}',
        ExportReady,
    ),
    "unknown": ('{"type":"planet","event":"born","name":"X","webhook_timestamp":1747319400}', UnknownEvent),
    "unknown event": (
        '{"type":"message","event":"sung","note":1,"webhook_timestamp":1747319400}',
        UnknownEvent,
    ),
}


def test_the_signature_is_hmac_sha256_in_hexadecimal():
    assert sign(b"what do ya want for nothing?", "Jefe") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_a_message_in_a_thread_belongs_to_the_room_of_its_root():
    event = parse(MESSAGE, sign(MESSAGE, SECRET), SECRET, NOW + 3)
    assert isinstance(event, MessageNew)
    assert (event.room_id, event.chat_id, event.entity_id) == (334, 2637266155, 265142)
    assert event.created_at.isoformat() == "2025-05-15T14:30:00+00:00"


@pytest.mark.parametrize("name", OTHERS)
def test_every_payload_becomes_its_class(name: str):
    text, kind = OTHERS[name]
    body = text.encode()
    event = parse(body, sign(body, SECRET), SECRET, NOW)
    assert type(event) is kind
    assert event_key(event) == event_key(parse_event(json.loads(text)))


def test_an_event_not_known_keeps_everything():
    text, _ = OTHERS["unknown"]
    event = parse_event(json.loads(text))
    assert (event.type, event.event, (event.model_extra or {})["name"]) == ("planet", "born", "X")


def test_the_union_has_a_class_for_every_pair():
    assert len(EVENTS) == 20
    assert len(set(EVENTS.values())) == 20


def test_families_are_base_classes():
    for event in ("new", "update", "delete"):
        payload = {**json.loads(MESSAGE), "event": event}
        assert isinstance(parse_event(payload), MessageEvent)
    assert isinstance(parse_event({**json.loads(MESSAGE), "event": "delete"}), MessageDeleted)


def test_two_edits_of_a_message_are_two_events_and_a_repeat_is_one():
    first = {**json.loads(MESSAGE), "event": "update", "changed_at": "2025-05-15T14:31:00.000Z"}
    second = {**first, "changed_at": "2025-05-15T14:31:00.001Z"}
    again = {**first, "webhook_timestamp": NOW + 1}
    keys = [event_key(parse_event(each)) for each in (first, second, again)]
    assert isinstance(parse_event(first), MessageEdited)
    assert keys[0] != keys[1]
    assert keys[0] == keys[2]


@pytest.mark.parametrize(("late", "taken"), [(-61, False), (-60, True), (0, True), (60, True), (61, False)])
def test_a_delivery_is_good_for_a_minute_both_ways(late: int, taken: bool):
    if taken:
        assert isinstance(parse(MESSAGE, sign(MESSAGE, SECRET), SECRET, NOW + late), MessageNew)
        return
    with pytest.raises(WebhookRefused) as caught:
        parse(MESSAGE, sign(MESSAGE, SECRET), SECRET, NOW + late)
    assert caught.value.reason == "stale"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "malformed"),
        (b"null", "malformed"),
        (b"[]", "malformed"),
        (b"{}", "malformed"),
        (b"\xff\xfe\x00", "malformed"),
        (b"[" * 100_000, "malformed"),
        (b'{"type":"message","event":"new","webhook_timestamp":1747319400}', "malformed"),
        (b'{"type":"message","event":"new","webhook_timestamp":true}', "malformed"),
        (b'{"type":"message","event":"new","webhook_timestamp":"1747319400"}', "malformed"),
        (b'{"type":["message"],"event":{},"webhook_timestamp":1747319400}', "malformed"),
        (MESSAGE.replace(b',"webhook_timestamp":1747319400', b""), "malformed"),
    ],
)
def test_what_is_signed_and_makes_no_sense_is_refused(body: bytes, reason: str):
    with pytest.raises(WebhookRefused) as caught:
        parse(body, sign(body, SECRET), SECRET, NOW)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "0" * 64,
        sign(MESSAGE, "another"),
        sign(MESSAGE, SECRET).upper(),
        sign(MESSAGE, SECRET)[:-1],
        f"sha256={sign(MESSAGE, SECRET)}",
        "é" * 64,
        "\ud800",
    ],
)
def test_a_wrong_signature_is_refused(signature: str | None):
    assert not verify(MESSAGE, signature, SECRET)
    with pytest.raises(WebhookRefused) as caught:
        parse(MESSAGE, signature, SECRET, NOW)
    assert caught.value.reason == "signature"


def test_an_empty_secret_signs_nothing():
    with pytest.raises(ConfigError):
        verify(MESSAGE, sign(MESSAGE, SECRET), "")


def test_the_addresses_are_those_of_the_vendor():
    assert {"37.200.70.177", "185.209.115.174", "135.106.159.61"} == SOURCE_ADDRESSES


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
mangled = st.builds(
    lambda base, changes, dropped: {
        key: value for key, value in {**base, **changes}.items() if key not in dropped
    },
    st.sampled_from([json.loads(MESSAGE), *(json.loads(text) for text, _ in OTHERS.values())]),
    st.dictionaries(
        st.sampled_from(
            [
                "type",
                "event",
                "id",
                "user_ids",
                "thread",
                "links",
                "created_at",
                "data",
                "members",
                "webhook_timestamp",
                "chat_id",
                "extra",
            ]
        ),
        json_values,
        max_size=4,
    ),
    st.sets(
        st.sampled_from(["type", "event", "id", "user_id", "created_at", "webhook_timestamp"]), max_size=2
    ),
)


@settings(max_examples=300, deadline=None)
@given(payload=mangled)
def test_fuzz_a_signed_payload_is_an_event_or_refused(payload: dict[str, object]):
    body = json.dumps(payload).encode()
    try:
        event = parse(body, sign(body, SECRET), SECRET, NOW)
    except WebhookRefused:
        return
    hash(event_key(event))
    assert event.model_dump(mode="json")["type"] == payload["type"]


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=200), signature=st.text(max_size=80) | st.none())
def test_fuzz_nothing_unsigned_is_taken(body: bytes, signature: str | None):
    if signature == sign(body, SECRET):
        return
    with pytest.raises(WebhookRefused):
        parse(body, signature, SECRET, NOW)


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(MESSAGE) - 1), bit=st.integers(0, 7))
def test_fuzz_one_changed_bit_spoils_the_signature(at: int, bit: int):
    changed = bytearray(MESSAGE)
    changed[at] ^= 1 << bit
    with pytest.raises(WebhookRefused) as caught:
        parse(bytes(changed), sign(MESSAGE, SECRET), SECRET, NOW)
    assert caught.value.reason == "signature"


@settings(max_examples=200, deadline=None)
@given(payload=st.dictionaries(st.text(max_size=8), json_values, max_size=6))
def test_fuzz_a_payload_of_the_history_is_an_event_or_no_sense(payload: dict[str, object]):
    try:
        hash(event_key(parse_event(payload)))
    except RemoteProtocolError:
        return
