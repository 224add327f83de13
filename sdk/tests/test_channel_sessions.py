"""Sessions and placement: what shares a history, and where an answer goes."""

import pytest
from channel_words import ALICE, BOB, BOT, dm, message, room, rules

from tolmach.channel import gating, sessions, threads
from tolmach.channel.model import Address, ChatKind, Conversation
from tolmach.channel.rules import Rules
from tolmach.channel.settings import ChannelSettings


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        ("main", "agent:main:main"),
        ("per-peer", "agent:main:direct:uAlice"),
        ("per-channel-peer", "agent:main:chat:direct:uAlice"),
        ("per-account-channel-peer", "agent:main:chat:default:direct:uAlice"),
    ],
)
def test_scopes_of_direct_chats(scope: str, key: str) -> None:
    found = rules(session={"dmScope": scope})
    assert sessions.session_key(dm(), ALICE.id, found) == key
    assert (sessions.session_key(dm(BOB), BOB.id, found) == key) is (scope == "main")


def test_a_thread_in_a_direct_chat_stays_with_the_chat() -> None:
    assert sessions.session_key(dm(thread="root1"), ALICE.id, rules()) == "agent:main:main"


def test_rooms_and_threads_keep_the_case_of_ids() -> None:
    assert sessions.session_key(room("RoomA"), "", rules()) == "agent:main:chat:channel:RoomA"
    assert (
        sessions.session_key(room("RoomA", thread="rOOt"), "", rules())
        == "agent:main:chat:channel:RoomA:thread:rOOt"
    )
    assert sessions.session_key(room("RoomA"), "", rules(), seed="m1").endswith(":thread:m1")
    group = Conversation("GDM", ChatKind.GROUP)
    assert sessions.session_key(group, "", rules()) == "agent:main:chat:group:GDM"


def test_the_rest_of_a_key_is_lower_case() -> None:
    found = Rules.of(ChannelSettings(), "Chat", agent_id="Sales")
    assert sessions.session_key(room(), "", found) == "agent:sales:chat:channel:ROOM1"


@pytest.mark.parametrize(
    ("text", "base", "thread", "parents"),
    [
        (
            "agent:main:chat:channel:R:thread:t1",
            "agent:main:chat:channel:R",
            "t1",
            ["agent:main:chat:channel:R"],
        ),
        ("R:thread:t1", "R", "t1", ["R"]),
        ("R", "R", None, []),
        ("R:thread:a:thread:b", "R:thread:a", "b", ["R:thread:a", "R"]),
        ("R:thread:", "R:thread:", None, []),
        ("agent:main:main", "agent:main:main", None, []),
    ],
)
def test_a_key_can_be_taken_apart(text: str, base: str, thread: str | None, parents: list[str]) -> None:
    found = sessions.parse(text)
    assert (found.base, found.thread_id, list(found.parents)) == (base, thread, parents)


@pytest.mark.parametrize("text", ["", "  ", "agent:", "agent:main", "agent::x", "agent:main:"])
def test_a_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"empty|agent:"):
        sessions.parse(text)


@pytest.mark.parametrize(
    ("keys", "of", "mode"),
    [
        ({}, room(), "off"),
        ({"replyToMode": "all"}, room(), "all"),
        ({"replyToMode": "all", "replyToModeByChatType": {"channel": "first"}}, room(), "first"),
        ({"replyToModeByChatType": {"direct": "first"}}, room(), "off"),
        ({"groups": {"ROOM1": {"replyToMode": "off"}}, "replyToMode": "all"}, room(), "off"),
        ({"groups": {"*": {"replyToMode": "first"}}, "replyToMode": "all"}, room(), "first"),
        ({"dm": {"replyToMode": "all"}}, dm(), "all"),
        ({"dm": {"replyToMode": "all"}, "replyToMode": "first"}, dm(), "first"),
        ({"dm": {"replyToMode": "all"}}, room(), "off"),
    ],
)
def test_precedence_of_reply_modes(keys: dict[str, object], of: Conversation, mode: str) -> None:
    assert threads.reply_mode(of, rules(**keys)) == mode


@pytest.mark.parametrize(
    ("mode", "threads_of_parts"),
    [
        ("off", [None, None, None]),
        ("first", ["m1", None, None]),
        ("batched", ["m1", None, None]),
        ("all", ["m1", "m1", "m1"]),
    ],
)
def test_where_the_parts_go(mode: str, threads_of_parts: list[str | None]) -> None:
    place = threads.placement(mode, room(), "m1")
    assert [place.address(part) for part in range(3)] == [Address("ROOM1", root) for root in threads_of_parts]
    inside = threads.placement(mode, room(thread="root1"), "m1")
    assert {inside.address(part) for part in range(3)} == {Address("ROOM1", "root1")}


def test_a_tag_chooses_the_thread_unless_mode_is_off() -> None:
    assert threads.placement("all", room(), "m1", tagged="root9").address(2) == Address("ROOM1", "root9")
    assert threads.placement("off", room(), "m1", tagged="root9").address(0) == Address("ROOM1", None)
    assert threads.placement("first", room(thread="root1"), "m1", tagged="root9").thread_id == "root1"


def test_a_message_answered_in_a_thread_seeds_its_session() -> None:
    mentioned = gating.Gate(gating.EXPLICIT)
    listed: dict[str, object] = {"groups": {"ROOM1": {}}}
    assert threads.seed_root(room(), "m1", mentioned, rules(**listed, replyToMode="all")) == "m1"
    assert threads.seed_root(room(), "m1", mentioned, rules(**listed)) is None
    assert threads.seed_root(room(thread="r"), "m1", mentioned, rules(**listed, replyToMode="all")) is None
    assert threads.seed_root(dm(), "m1", mentioned, rules(replyToMode="all")) is None
    open_room = {"groups": {"ROOM1": {"requireMention": False}}, "replyToMode": "first"}
    assert threads.seed_root(room(), "m1", gating.Gate(), rules(**open_room)) == "m1"


def test_participation_is_kept_apart_by_room() -> None:
    assert threads.participation_key("a", "t") != threads.participation_key("b", "t")


def test_words_of_the_tests_mention_the_bot() -> None:
    assert gating.explicit_mention(message("@bot hi"), BOT)
