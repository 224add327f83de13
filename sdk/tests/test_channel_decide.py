"""One decision per event, in a fixed order of questions."""

from dataclasses import replace

import pytest
from channel_words import ALICE, AT_ALL, AT_BOB, BOB, BOT, DM, OTHERBOT, arrived, dm, message, room, rules

from tolmach.channel import threads
from tolmach.channel.decide import (
    Command,
    Decision,
    Ignore,
    Memory,
    Need,
    PairingReply,
    Run,
    SystemLine,
    decide,
)
from tolmach.channel.model import (
    Conversation,
    Event,
    Identity,
    MemberChanged,
    MessageArrived,
    MessageDeleted,
    MessageEdited,
    ReactionChanged,
    RoomRenamed,
    Sender,
)
from tolmach.channel.rules import Rules

NOW = 1000.0
ADMIT: dict[str, object] = {"allowFrom": ["uAlice"], "groups": {"ROOM1": {}}}


def judge(
    event: Event, found: Rules, memory: Memory | None = None, identity: Identity | None = BOT
) -> Decision:
    """Return the decision on an event."""
    return decide(event, found, memory or Memory(), identity, NOW)


def reason(event: Event, found: Rules, memory: Memory | None = None, identity: Identity | None = BOT) -> str:
    """Return why an event is ignored."""
    decision = judge(event, found, memory, identity)
    assert isinstance(decision, Ignore), decision
    return decision.reason


def test_a_direct_message_of_an_admitted_person_runs() -> None:
    decision = judge(arrived(at=dm()), rules(**ADMIT))
    assert isinstance(decision, Run)
    assert (decision.session, decision.message.text, decision.seed) == ("agent:main:main", "hello", None)
    assert not decision.gate.mentioned


def test_a_mention_in_a_listed_room_runs() -> None:
    decision = judge(arrived("@bot hi"), rules(**ADMIT))
    assert isinstance(decision, Run)
    assert decision.session == "agent:main:chat:channel:ROOM1"
    assert decision.gate.source == "explicit_bot"


@pytest.mark.parametrize(
    ("keys", "event", "expected"),
    [
        (ADMIT, arrived("hi", at=dm(), by=Sender("", "", "")), "missing-user"),
        (ADMIT, arrived("@bot hi", by=Sender("", "", "")), "missing-sender"),
        (ADMIT, arrived("@bot hi", by=Sender("uBot", "bot", "x")), "self"),
        (ADMIT, arrived("@bot hi", at=room("ROOM2")), "channel-not-allowed"),
        ({"dmPolicy": "allowlist"}, arrived(at=dm()), "dm-unauthorized"),
        ({"dmPolicy": "disabled"}, arrived(at=dm()), "dm-disabled"),
        ({"groups": {"ROOM1": {"users": ["uAlice"]}}}, arrived("@bot hi", by=BOB), "unauthorized-sender"),
        (ADMIT, arrived("@bot hi", by=OTHERBOT), "bot-disabled"),
        ({"groups": {"ROOM1": {}}, "allowBots": True}, arrived("@bot hi", by=OTHERBOT), "unauthorized-bot"),
        (
            {"groups": {"ROOM1": {"users": ["uOther"]}}, "allowBots": "mentions"},
            arrived("hi", by=OTHERBOT),
            "bot-missing-mention",
        ),
        (ADMIT, arrived("hi"), "missing-mention"),
        (ADMIT, arrived("@all hi", mentions=(AT_ALL,)), "missing-mention"),
        (ADMIT, arrived("!model x"), "control-command-unauthorized"),
        (ADMIT, arrived("@bot !stop"), "control-command-unauthorized"),
        (ADMIT, arrived("@bob !status", mentions=(AT_BOB,)), "missing-mention"),
        (ADMIT, arrived("  ", at=dm()), "empty-content"),
        (
            {"groups": {"ROOM1": {"requireMention": False, "ignoreOtherMentions": True}}},
            arrived("@bob hi", mentions=(AT_BOB,)),
            "other-mention",
        ),
    ],
)
def test_reasons_for_silence(keys: dict[str, object], event: Event, expected: str) -> None:
    assert reason(event, rules(**keys)) == expected


def test_an_unknown_identity_is_a_reason_of_its_own() -> None:
    assert reason(arrived("@bot hi"), rules(**ADMIT), identity=None) == "mention-detection-unavailable"
    assert isinstance(judge(arrived(at=dm()), rules(**ADMIT), identity=None), Run)


def test_place_comes_before_sender_before_bot_before_command_before_mention() -> None:
    event = arrived("!model x", by=OTHERBOT, at=room("ROOM9"))
    assert reason(event, rules(groups={"ROOM1": {}})) == "channel-not-allowed"
    assert reason(event, rules(groups={"ROOM9": {"users": ["uAlice"]}})) == "unauthorized-sender"
    assert reason(event, rules(groups={"ROOM9": {}})) == "bot-disabled"
    allowed = {"groups": {"ROOM9": {"users": ["uOther"]}}, "allowBots": True}
    assert reason(event, rules(**allowed)) == "control-command-unauthorized"
    assert reason(arrived("x", by=OTHERBOT, at=room("ROOM9")), rules(**allowed)) == "missing-mention"


def test_nothing_is_looked_up_for_somebody_who_is_not_heard() -> None:
    stranger = Sender("uX", "x", "X", None)
    assert (
        reason(arrived("@bot hi", by=stranger), rules(groups={"ROOM1": {"users": []}}))
        == "unauthorized-sender"
    )
    assert reason(arrived("hi", by=stranger, at=dm()), rules(dmPolicy="allowlist")) == "dm-unauthorized"
    asked = judge(arrived("@bot hi", by=stranger), rules(**ADMIT))
    assert asked == Need("author_kind", "uX")
    reply = arrived("and?", by=stranger, at=room(thread="r1"))
    assert judge(reply, rules(**ADMIT)) == Need("author_kind", "uX")


def test_the_roots_author_is_asked_for_last() -> None:
    reply = arrived("and?", at=room(thread="r1"))
    assert judge(reply, rules(**ADMIT)) == Need("root_author", "r1")
    of_bot = MessageArrived(replace(reply.message, root_author_id="uBot"))
    decision = judge(of_bot, rules(**ADMIT))
    assert isinstance(decision, Run)
    assert decision.gate.source == "reply_to_bot"
    assert decision.session.endswith(":thread:r1")
    of_other = MessageArrived(replace(reply.message, root_author_id="uBob"))
    assert reason(of_other, rules(**ADMIT)) == "missing-mention"


def test_a_thread_that_the_bot_spoke_in_stays_open() -> None:
    memory = Memory()
    memory.spoke_in.add(threads.participation_key("ROOM1", "r1"), 0)
    decision = judge(arrived("and?", at=room(thread="r1")), rules(**ADMIT), memory)
    assert isinstance(decision, Run)
    assert decision.gate.source == "thread_participation"
    other = MessageArrived(message("and?", at=room(thread="r2"), root_author="uBob"))
    assert reason(other, rules(**ADMIT), memory) == "missing-mention"


def test_a_message_is_handled_once() -> None:
    memory = Memory()
    memory.seen.add(arrived("@bot hi").message.key, NOW)
    assert judge(arrived("@bot hi"), rules(**ADMIT), memory) == Ignore("duplicate", quiet=True)


def test_an_id_that_comes_again_at_another_time_is_another_message() -> None:
    memory = Memory()
    memory.seen.add(arrived("@bot hi", when=1000.0).message.key, NOW)
    assert isinstance(judge(arrived("@bot hi", when=1000.5), rules(**ADMIT), memory), Run)


def test_a_twin_that_carries_the_mention_still_wins() -> None:
    memory = Memory()
    memory.passed_over.add(arrived("hi").message.key, NOW)
    assert reason(arrived("hi"), rules(**ADMIT), memory) == "duplicate"
    assert isinstance(judge(arrived("@bot hi"), rules(**ADMIT), memory), Run)


def test_a_stranger_is_offered_a_code_unless_a_bot() -> None:
    assert isinstance(judge(arrived(at=dm(BOB), by=BOB), rules()), PairingReply)
    assert reason(arrived(at=dm(OTHERBOT), by=OTHERBOT), rules()) == "bot-disabled"
    assert isinstance(judge(arrived("!status", at=dm(BOB), by=BOB), rules()), PairingReply)
    memory = Memory(approved=frozenset({"uBob"}))
    assert isinstance(judge(arrived(at=dm(BOB), by=BOB), rules(), memory), Run)
    in_room = arrived("@bot hi", by=BOB)
    listed = rules(groups={"ROOM1": {"users": ["uAlice"]}})
    assert reason(in_room, listed, memory) == "unauthorized-sender"


@pytest.mark.parametrize(
    ("text", "at", "command"),
    [
        ("!status", room(), "status"),
        ("@bot !status", room(), "status"),
        ("!status", dm(), "status"),
        ("!foo", dm(), "foo"),
        ("!status", room(thread="r1"), "status"),
    ],
)
def test_commands_of_admitted_people(text: str, at: Conversation, command: str) -> None:
    decision = judge(arrived(text, at=at), rules(**ADMIT))
    assert isinstance(decision, Command)
    assert decision.command.name == command


def test_a_command_acts_on_the_session_it_is_typed_in() -> None:
    decision = judge(arrived("!status", at=room(thread="r1")), rules(**ADMIT))
    assert isinstance(decision, Command)
    assert decision.session == "agent:main:chat:channel:ROOM1:thread:r1"


def test_operators_may_change_things() -> None:
    keys = {**ADMIT, "commandAllowFrom": ["uAlice"]}
    for text in ("!model x", "!stop", "@bot !stop"):
        assert isinstance(judge(arrived(text), rules(**keys)), Command)
        assert reason(arrived(text, by=BOB), rules(**keys)) == "control-command-unauthorized"
    assert isinstance(judge(arrived("!status", by=BOB), rules(**keys)), Command)


def test_the_only_person_in_a_direct_chat_is_its_operator() -> None:
    assert isinstance(judge(arrived("!stop", at=dm()), rules(allowFrom=["uAlice"])), Command)
    two = rules(allowFrom=["uAlice", "uBob"])
    assert reason(arrived("!stop", at=dm()), two) == "control-command-unauthorized"


def test_a_bot_commands_only_as_an_operator() -> None:
    keys: dict[str, object] = {"groups": {"ROOM1": {"users": ["uOther"]}}, "allowBots": True}
    assert reason(arrived("@bot !model x", by=OTHERBOT), rules(**keys)) == "control-command-unauthorized"
    assert isinstance(
        judge(arrived("@bot !model x", by=OTHERBOT), rules(**keys, commandAllowFrom=["uOther"])), Command
    )


def test_a_word_for_stopping_stops_for_operators_and_is_text_for_others() -> None:
    keys = {**ADMIT, "commandAllowFrom": ["uAlice"]}
    decision = judge(arrived("Stop!", at=dm()), rules(**keys))
    assert isinstance(decision, Command)
    assert decision.command.name == "stop"
    assert reason(arrived("stop"), rules(**keys)) == "missing-mention"
    assert isinstance(judge(arrived("@bot stop"), rules(**keys)), Command)
    assert isinstance(judge(arrived("@bot stop", by=BOB), rules(**keys)), Run)
    assert isinstance(judge(arrived("stop the presses", at=dm()), rules(**keys)), Run)


def test_a_loop_of_bots_is_cut() -> None:
    keys: dict[str, object] = {
        "groups": {"ROOM1": {"users": ["uOther"], "botLoopProtection": {"maxEventsPerWindow": 1}}},
        "allowBots": True,
    }
    memory, found = Memory(), rules(**keys)
    decision = judge(arrived("@bot hi", by=OTHERBOT), found, memory)
    assert isinstance(decision, Run)
    assert decision.from_bot
    from tolmach.channel.loopguard import pair_key

    memory.loops.count(pair_key("ROOM1", "uOther", "uBot"), NOW, found.room("ROOM1").loop_guard)
    assert reason(arrived("@bot hi", "m2", by=OTHERBOT), found, memory) == "bot-loop"
    people = rules(groups={"ROOM1": {}})
    assert isinstance(judge(arrived("@bot hi", "m3"), people, memory), Run)


def test_a_seeded_thread_is_the_session_already() -> None:
    decision = judge(arrived("@bot hi"), rules(**ADMIT, replyToMode="all"))
    assert isinstance(decision, Run)
    assert (decision.seed, decision.session) == ("m1", "agent:main:chat:channel:ROOM1:thread:m1")


@pytest.mark.parametrize(
    ("event", "session", "words"),
    [
        (MessageEdited(room(), "m1", ALICE, "k"), "agent:main:chat:channel:ROOM1", "edited"),
        (
            MessageEdited(room(thread="r1"), "m1", ALICE, "k"),
            "agent:main:chat:channel:ROOM1:thread:r1",
            "edited",
        ),
        (MessageDeleted(DM, "m1", ALICE, "k"), "agent:main:main", "deleted"),
        (MemberChanged(room(), BOB, True, "k"), "agent:main:chat:channel:ROOM1", "joined"),
        (RoomRenamed(room(), ALICE, "new", "k"), "agent:main:chat:channel:ROOM1", "#new"),
        (
            ReactionChanged(room(thread="r1"), "m1", Sender("uBot", "", ""), ALICE, "x", True, "k"),
            "agent:main:chat:channel:ROOM1:thread:r1",
            "added: :x:",
        ),
    ],
)
def test_what_happens_is_noted_in_its_session(event: Event, session: str, words: str) -> None:
    decision = judge(event, rules(**ADMIT))
    assert isinstance(decision, SystemLine)
    assert decision.session == session
    assert words in decision.text
    assert decision.text.startswith("Chat")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (MessageEdited(room("ROOM2"), "m1", ALICE, "k"), "channel-not-allowed"),
        (MessageDeleted(room(), "m1", None, "k"), "missing-sender"),
        (MemberChanged(room(), Sender("uBot", "bot", ""), True, "k"), "self"),
        (
            ReactionChanged(room(), "m1", Sender("uBot", "", ""), Sender("uBot", "", ""), "x", True, "k"),
            "self",
        ),
        (ReactionChanged(room(), "m1", BOB, ALICE, "x", True, "k"), "reaction-not-wanted"),
        (MessageEdited(dm(BOB), "m1", BOB, "k"), "dm-unauthorized"),
    ],
)
def test_what_happens_elsewhere_or_by_nobody_is_not(event: Event, expected: str) -> None:
    assert reason(event, rules(**ADMIT)) == expected


def test_the_same_event_is_noted_once() -> None:
    memory = Memory()
    memory.events.add("k", NOW)
    assert reason(MessageEdited(room(), "m1", ALICE, "k"), rules(**ADMIT), memory) == "duplicate"
    assert isinstance(judge(MessageEdited(room(), "m1", ALICE, "k2"), rules(**ADMIT), memory), SystemLine)
