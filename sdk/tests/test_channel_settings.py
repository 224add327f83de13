"""A configuration is closed, forgiving in spelling, and safe by default."""

import pytest
from channel_words import rules, settings
from pydantic import ValidationError

from tolmach.channel import rules as ruling
from tolmach.channel.settings import NOT_BUILT, ChannelSettings


def test_the_defaults_admit_nobody() -> None:
    found = settings()
    assert (found.dm_policy, found.group_policy, found.allow_from, found.groups) == (
        "pairing",
        "allowlist",
        (),
        {},
    )
    assert (found.mention_required, found.allow_bots, found.command_allow_from) == (True, False, None)
    assert (found.text_chunk_limit, found.history_limit, found.ack_reaction) == (4000, 50, "eyes")
    assert not found.dm.group_enabled
    assert not found.dangerously_allow_name_matching


@pytest.mark.parametrize(
    "spelled",
    [
        {"dmPolicy": "open", "allowFrom": ["*"], "replyToMode": "all"},
        {"dm_policy": "open", "allow_from": ["*"], "reply_to_mode": "all"},
    ],
)
def test_both_spellings_are_read(spelled: dict[str, object]) -> None:
    found = settings(**spelled)
    assert (found.dm_policy, found.allow_from, found.reply_to_mode) == ("open", ("*",), "all")


def test_numbers_are_ids() -> None:
    assert settings(allowFrom=[1, "2"]).allow_from == ("1", "2")
    assert list(settings(groups={7: {"users": [3]}}).groups) == ["7"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"dmPolicy": "everyone"}, "dmPolicy"),
        ({"noSuchKey": 1}, "noSuchKey"),
        ({"groups": {"R": {"requiremention": True}}}, "requiremention"),
        ({"textChunkLimit": -1}, "textChunkLimit"),
        ({"historyLimit": -1}, "historyLimit"),
        ({"dmPolicy": "open"}, "allowFrom"),
        ({"dmPolicy": "open", "allowFrom": ["uAlice"]}, "allowFrom"),
        ({"dmPolicy": "owner_only"}, "ownerId"),
        ({"chatmode": "onmessage", "requireMention": True}, "requireMention"),
        ({"chatmode": "onchar", "oncharPrefixes": [""]}, "oncharPrefixes"),
        ({"groups": {"R": {"users": ["a"], "allowFrom": ["b"]}}}, "allowFrom"),
        ({"allowFrom": "uAlice"}, "allowFrom"),
        ({"allowFrom": [True]}, "allowFrom"),
        ({"thread": {"historyScope": "channel"}}, "historyScope"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**wrong)
    assert named in str(caught.value)


@pytest.mark.parametrize("key", sorted(NOT_BUILT))
def test_a_key_that_nothing_honours_is_refused_with_advice(key: str) -> None:
    with pytest.raises(ValidationError, match="not supported by this version"):
        settings(**{key: True})


def test_streaming_can_be_named_as_long_as_it_is_off() -> None:
    assert settings(streaming="off").streaming.mode == settings(streaming={"mode": "off"}).streaming.mode
    for on in ({"streaming": "partial"}, {"blockStreaming": True}):
        with pytest.raises(ValidationError):
            settings(**on)


@pytest.mark.parametrize(("mode", "needed"), [("oncall", True), ("onmessage", False), ("onchar", True)])
def test_chat_modes_say_whether_a_mention_is_needed(mode: str, needed: bool) -> None:
    assert settings(chatmode=mode).mention_required is needed


def test_a_room_falls_back_field_by_field() -> None:
    found = rules(
        requireMention=True,
        allowBots=True,
        groupAllowFrom=["uAll"],
        groups={
            "*": {"requireMention": False, "replyToMode": "all"},
            "ROOM1": {"requireMention": True},
            "channel:ROOM2": {"allowFrom": ["uAlice"], "allowBots": "mentions"},
        },
    )
    one, two, other = found.room("ROOM1"), found.room("ROOM2"), found.room("ROOM9")
    assert (one.require_mention, one.reply_to_mode, one.users, one.allow_bots) == (
        True,
        "all",
        ("uAll",),
        True,
    )
    assert (two.require_mention, two.users, two.allow_bots) == (False, ("uAlice",), "mentions")
    assert (other.listed, other.require_mention) == (True, False)


def test_an_empty_list_of_senders_is_kept_apart_from_none() -> None:
    found = rules(groups={"ROOM1": {"users": []}, "ROOM2": {}})
    assert found.room("ROOM1").users == ()
    assert found.room("ROOM2").users is None


def test_patterns_are_compiled_once_and_bad_ones_are_named() -> None:
    good, warnings = ruling.compile_patterns((r"\bclaw\b", "(", "(a+)+b"))
    assert len(good) == 1
    assert good[0].search("hey CLAW")
    assert len(warnings) == 2
    assert "repetition" in warnings[1]


def test_the_agents_name_is_a_pattern_unless_switched_off() -> None:
    named, _ = ruling.compile_patterns(None, "Claw")
    assert named[0].search("hey claw!")
    assert not named[0].search("clawback")
    assert ruling.compile_patterns((), "Claw") == ((), ())


def test_settings_can_be_extended_by_a_platforms_account() -> None:
    class Account(ChannelSettings):
        server_url: str

    found = Account.model_validate({"serverUrl": "https://x", "requireMention": False})
    assert (found.server_url, found.mention_required) == ("https://x", False)
