"""Who is heard, and where."""

import pytest
from channel_words import ALICE, BOB, BOT, OTHERBOT, dm, room, rules

from tolmach.channel import policy
from tolmach.channel.model import ChatKind, Conversation, Sender

GROUP = Conversation("GDM", ChatKind.GROUP)


@pytest.mark.parametrize(
    ("entry", "admits"),
    [
        ("uAlice", True),
        ("chat:uAlice", True),
        ("CHAT:uAlice", True),
        ("user:uAlice", True),
        ("chat:user:uAlice", True),
        ("<@uAlice>", True),
        (" uAlice ", True),
        ("*", True),
        ("ualice", False),
        ("alice", False),
        ("@alice", False),
        ("Alice A", False),
        ("other:uAlice", False),
        ("", False),
    ],
)
def test_forms_of_an_entry(entry: str, admits: bool) -> None:
    assert policy.listed([entry], ALICE, rules()) is admits


@pytest.mark.parametrize("entry", ["alice", "@ALICE", "Alice A", "alice-a", "chat:alice"])
def test_names_count_only_where_allowed(entry: str) -> None:
    assert policy.listed([entry], ALICE, rules(dangerouslyAllowNameMatching=True))
    assert not policy.listed([entry], ALICE, rules())


def test_a_star_admits_nobody_without_an_id() -> None:
    assert not policy.listed(["*"], Sender("", "ghost", ""), rules())


@pytest.mark.parametrize(
    ("keys", "approved", "expected"),
    [
        ({}, set(), policy.PAIR),
        ({}, {"uBob"}, None),
        ({"allowFrom": ["uBob"]}, set(), None),
        ({"dmPolicy": "allowlist", "allowFrom": ["uAlice"]}, set(), "dm-unauthorized"),
        ({"dmPolicy": "allowlist", "allowFrom": ["uAlice"]}, {"uBob"}, "dm-unauthorized"),
        ({"dmPolicy": "allowlist"}, set(), "dm-unauthorized"),
        ({"dmPolicy": "open", "allowFrom": ["*"]}, set(), None),
        ({"dmPolicy": "disabled", "allowFrom": ["uBob"]}, set(), "dm-disabled"),
        ({"dm": {"enabled": False}, "allowFrom": ["uBob"]}, set(), "dm-disabled"),
        ({"dmPolicy": "owner_only", "ownerId": "uBob"}, set(), None),
        ({"dmPolicy": "owner_only", "ownerId": "uAlice", "allowFrom": ["uBob"]}, set(), "dm-unauthorized"),
    ],
)
def test_direct_chats(keys: dict[str, object], approved: set[str], expected: str | None) -> None:
    assert policy.dm_access(BOB, frozenset(approved), rules(**keys)) == expected


@pytest.mark.parametrize(
    ("keys", "served"),
    [
        ({}, False),
        ({"groups": {"ROOM1": {}}}, True),
        ({"groups": {"channel:ROOM1": {}}}, True),
        ({"groups": {"room1": {}}}, False),
        ({"groups": {"ROOM1": {"enabled": False}}}, False),
        ({"groups": {"ROOM2": {}}}, False),
        ({"groups": {"*": {}}}, True),
        ({"groups": {"#ops": {}}}, False),
        ({"groups": {"#ops": {}}, "dangerouslyAllowNameMatching": True}, True),
        ({"groupPolicy": "open"}, True),
        ({"groupPolicy": "open", "groups": {"ROOM1": {"enabled": False}}}, False),
        ({"groupPolicy": "disabled", "groups": {"ROOM1": {}}}, False),
    ],
)
def test_rooms(keys: dict[str, object], served: bool) -> None:
    assert policy.room_access(room(), rules(**keys)) == (None if served else "channel-not-allowed")


def test_a_room_that_the_bot_is_not_in_is_not_served() -> None:
    outside = Conversation("ROOM1", ChatKind.ROOM, "ops", is_member=False)
    assert policy.room_access(outside, rules(groupPolicy="open")) == "channel-not-allowed"


@pytest.mark.parametrize(
    ("keys", "heard"),
    [
        ({"groups": {"ROOM1": {}}}, True),
        ({"groups": {"ROOM1": {}}, "allowFrom": ["uAlice"], "dmPolicy": "allowlist"}, True),
        ({"groups": {"ROOM1": {"users": ["uAlice"]}}}, False),
        ({"groups": {"ROOM1": {"allowFrom": ["uBob"]}}}, True),
        ({"groups": {"ROOM1": {"users": []}}}, False),
        ({"groups": {"ROOM1": {}}, "groupAllowFrom": ["uAlice"]}, False),
        ({"groups": {"ROOM1": {"users": ["uBob"]}}, "groupAllowFrom": ["uAlice"]}, True),
        ({"groups": {"ROOM1": {}, "*": {"users": ["uAlice"]}}}, False),
    ],
)
def test_senders_in_a_room(keys: dict[str, object], heard: bool) -> None:
    assert policy.sender_access(BOB, room(), rules(**keys)) == (None if heard else "unauthorized-sender")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"allowFrom": ["uBob"]}, "dm-disabled"),
        ({"dm": {"groupEnabled": True}, "allowFrom": ["uBob"]}, None),
        ({"dm": {"groupEnabled": True}}, "unauthorized-sender"),
        ({"dm": {"groupEnabled": True}, "groupPolicy": "open"}, "unauthorized-sender"),
        (
            {"dm": {"groupEnabled": True, "groupChannels": ["X"]}, "allowFrom": ["uBob"]},
            "channel-not-allowed",
        ),
        ({"dm": {"groupEnabled": True, "groupChannels": ["*"]}, "allowFrom": ["uBob"]}, None),
        ({"dm": {"groupEnabled": True, "groupChannels": ["GDM"]}, "allowFrom": ["uBob"]}, None),
    ],
)
def test_group_chats_of_direct_kind(keys: dict[str, object], expected: str | None) -> None:
    assert policy.group_dm_access(BOB, GROUP, rules(**keys)) == expected
    assert policy.event_access(BOB, GROUP, frozenset({"uBob"}), rules(**keys)) == expected


@pytest.mark.parametrize(
    ("keys", "mentioned", "expected"),
    [
        ({"groups": {"ROOM1": {"users": ["uOther"]}}}, True, "bot-disabled"),
        ({"groups": {"ROOM1": {"users": ["uOther"], "allowBots": True}}}, False, None),
        ({"groups": {"ROOM1": {"users": ["uOther"]}}, "allowBots": True}, False, None),
        ({"groups": {"ROOM1": {}}, "allowBots": True}, True, "unauthorized-bot"),
        ({"groups": {"ROOM1": {"users": ["*"]}}, "allowBots": True}, True, "unauthorized-bot"),
        ({"groups": {"ROOM1": {"users": ["uOther"]}}, "allowBots": "mentions"}, False, "bot-missing-mention"),
        ({"groups": {"ROOM1": {"users": ["uOther"]}}, "allowBots": "mentions"}, True, None),
    ],
)
def test_other_bots(keys: dict[str, object], mentioned: bool, expected: str | None) -> None:
    assert policy.bot_access(OTHERBOT, room(), rules(**keys), mentioned=mentioned) == expected


def test_a_direct_chat_of_a_bot_counts_as_a_mention() -> None:
    assert policy.bot_access(OTHERBOT, dm(OTHERBOT), rules(allowBots="mentions"), mentioned=False) is None


def test_a_known_bot_is_a_bot_whatever_the_platform_says() -> None:
    assert policy.is_bot(BOB, rules(knownBots=["uBob"]))
    assert policy.is_bot(Sender("x", "x", "x", None), rules()) is None


@pytest.mark.parametrize(
    ("keys", "in_room", "in_dm"),
    [
        ({}, False, False),
        ({"commandAllowFrom": []}, False, False),
        ({"commandAllowFrom": ["uAlice"]}, True, True),
        ({"commandAllowFrom": ["uBob"], "allowFrom": ["uAlice"]}, False, False),
        ({"allowFrom": ["uAlice"]}, False, True),
        ({"allowFrom": ["uAlice", "uBob"]}, False, False),
        ({"allowFrom": ["*"]}, False, False),
        ({"dmPolicy": "owner_only", "ownerId": "uAlice"}, False, True),
    ],
)
def test_operators(keys: dict[str, object], in_room: bool, in_dm: bool) -> None:
    assert policy.is_operator(ALICE, room(), rules(**keys)) is in_room
    assert policy.is_operator(ALICE, dm(), rules(**keys)) is in_dm


def test_what_happens_passes_the_same_policies_and_needs_an_actor() -> None:
    found = rules(groups={"ROOM1": {"users": ["uAlice"]}}, dmPolicy="pairing")
    assert policy.event_access(None, room(), frozenset(), found) == "missing-sender"
    assert policy.event_access(BOB, room(), frozenset(), found) == "unauthorized-sender"
    assert policy.event_access(ALICE, room("ROOM2"), frozenset(), found) == "channel-not-allowed"
    assert policy.event_access(ALICE, room(), frozenset(), found) is None
    assert policy.event_access(BOB, dm(BOB), frozenset(), found) == "dm-unauthorized"
    assert policy.event_access(BOB, dm(BOB), frozenset({"uBob"}), found) is None


def test_only_the_id_tells_the_bot_itself() -> None:
    assert policy.is_self(Sender("uBot", "renamed", "x"), BOT)
    assert not policy.is_self(Sender("uX", "bot", "The Bot"), BOT)
    assert not policy.is_self(ALICE, None)


def test_context_can_be_kept_to_those_who_are_heard() -> None:
    listed = {"groups": {"ROOM1": {"users": ["uAlice"]}}}
    assert policy.visible_in_context(BOB, room(), rules(**listed))
    assert not policy.visible_in_context(BOB, room(), rules(**listed, contextVisibility="allowlist"))
    assert policy.visible_in_context(ALICE, room(), rules(**listed, contextVisibility="allowlist"))
