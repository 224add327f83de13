"""An account at work: turns, answers, commands, pairing."""

import asyncio
import logging
from collections.abc import Sequence

import pytest
from channel_words import ALICE, AT_BOB, BOB, BOT, OTHERBOT, arrived, dm, message, room, settings
from fake_platform import Answer, FakePlatform, Rig, breathe, tool

from tolmach.channel.buttons import Rows
from tolmach.channel.model import Address, MessageEdited, ReactionChanged, Sender
from tolmach.channel.turn import End, Text
from tolmach.errors import ConnectFailed, OutcomeUnknown, ServerFailed, Unauthorized

ADMIT: dict[str, object] = {"allowFrom": ["uAlice"], "groups": {"ROOM1": {}, "ROOM2": {}}}


def rig(**keys: object) -> Rig:
    """Return an account that admits Alice, and everybody in two rooms."""
    return Rig(settings(**{**ADMIT, **keys}))


async def test_a_direct_message_is_answered_in_its_place() -> None:
    async with rig() as it:
        await it.feed(arrived("hello", at=dm()))
        assert it.platform.sent == [(Address("DM-uAlice"), "Echo: hello")]
        turn = it.agent.turns[0]
        assert turn.facts.document() == {
            "session": "agent:main:main",
            "sender": "uAlice",
            "chat_type": "direct",
            "mentioned": False,
            "mention_source": "none",
            "message_id": "m1",
            "room_id": "DM-uAlice",
            "thread_id": None,
            "system_lines": [],
        }
        assert turn.target == "user:uAlice"
        assert [line.text for line in turn.lines] == ["hello"]


async def test_a_mention_is_acknowledged_and_answered_in_its_thread() -> None:
    async with rig() as it:
        await it.feed(arrived("@bot hi", at=room(thread="root1")))
        assert it.platform.sent[0][0] == Address("ROOM1", "root1")
        assert it.platform.reactions == {("m1", "eyes")}
        assert it.agent.turns[0].facts.mentioned
        assert it.agent.turns[0].session == "agent:main:chat:channel:ROOM1:thread:root1"
        await it.feed(arrived("and then?", "m2", at=room(thread="root1")))
        assert len(it.agent.turns) == 2
        assert it.agent.turns[1].facts.mention_source == "thread_participation"
        assert "thread" in {kind for kind, _, _ in it.seen.rows}


async def test_a_refused_person_is_met_with_nothing_at_all(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with rig(dmPolicy="allowlist") as it:
        before = list(it.platform.calls)
        await it.feed(
            arrived("the secret text", at=dm(BOB), by=BOB),
            arrived("@bot the secret text", "m2", at=room("ROOM9")),
        )
        assert it.platform.calls == before
        assert it.agent.turns == []
        assert it.runner.status().drops == {"dm-unauthorized": 1, "channel-not-allowed": 1}
    lines = [record.getMessage() for record in caplog.records if "dropped" in record.getMessage()]
    assert lines == [
        "dropped reason=dm-unauthorized account=default room=DM-uBob message=m1 sender=uBob",
        "dropped reason=channel-not-allowed account=default room=ROOM9 message=m2 sender=uAlice",
    ]


async def test_own_messages_and_repeats_are_dropped_without_a_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with rig() as it:
        await it.feed(
            arrived("@bot hi"),
            arrived("@bot hi"),
            arrived("@bot hi", "m2", by=Sender("uBot", "bot", "")),
        )
        assert len(it.agent.turns) == 1
        assert it.runner.status().drops == {"duplicate": 1, "self": 1}
    assert "dropped" not in caplog.text


async def test_whether_somebody_is_a_bot_is_looked_up_once() -> None:
    async with rig() as it:
        unknown = Sender("uAlice", "alice", "", None)
        await it.feed(arrived("hi", at=dm(), by=unknown), arrived("hi", "m2", at=dm(), by=unknown))
        assert it.platform.calls.count("person") == 1
        assert len(it.agent.turns) == 2


async def test_somebody_who_cannot_be_looked_up_is_dropped_and_may_come_again() -> None:
    async with rig() as it:
        it.platform.fail["person"] = [ServerFailed("down", status=500)]
        unknown = Sender("uAlice", "alice", "", None)
        await it.feed(arrived("hi", at=dm(), by=unknown))
        assert it.runner.status().drops == {"author-unknown": 1}
        await it.feed(arrived("hi", at=dm(), by=unknown))
        assert len(it.agent.turns) == 1


async def test_an_unannounced_bot_is_found_out() -> None:
    async with rig() as it:
        await it.feed(arrived("@bot hi", by=Sender("uOther", "other.bot", "", None)))
        assert it.agent.turns == []
        assert it.runner.status().drops == {"bot-disabled": 1}


async def test_a_reply_under_the_bots_message_is_found_by_asking_for_the_root() -> None:
    async with rig() as it:
        it.platform.messages["root1"] = message("I said", by=Sender("uBot", "bot", ""), message_id="root1")
        it.platform.messages["root2"] = message("Bob said", by=BOB, message_id="root2")
        await it.feed(
            arrived("and?", at=room(thread="root1")), arrived("and?", "m2", at=room(thread="root2"))
        )
        assert [turn.facts.mention_source for turn in it.agent.turns] == ["reply_to_bot"]


async def test_turns_of_a_session_come_one_after_the_other() -> None:
    async with rig() as it:
        gate = asyncio.Event()
        it.agent.answers = [[gate, "one"], ["two"], ["elsewhere"]]
        await it.feed(arrived("first", at=dm()), arrived("second", "m2", at=dm()))
        assert len(it.agent.turns) == 1
        it.agent.answers = [["elsewhere"], ["two"]]
        await it.feed(arrived("@bot third", "m3", at=room("ROOM2")))
        assert it.platform.texts == ["elsewhere"]
        gate.set()
        await breathe()
        assert it.platform.texts == ["elsewhere", "one", "two"]
        assert [line.text for line in it.agent.turns[2].lines] == ["first", "one", "second"]


async def test_what_waits_too_long_becomes_a_note() -> None:
    async with rig() as it:
        gate = asyncio.Event()
        it.agent.answers = [[gate, "done"]]
        await it.feed(*(arrived(f"text {number}", f"m{number}", at=dm()) for number in range(23)))
        await breathe(500)
        gate.set()
        await breathe(3000)
        assert len(it.agent.turns) == 21
        second = it.agent.turns[1]
        assert second.facts.system_lines == (
            "Left out while you were busy: Alice A: text 1",
            "Left out while you were busy: Alice A: text 2",
        )
        assert it.runner.status().drops["queue-full"] == 2


async def test_stop_aborts_the_running_turn_at_once() -> None:
    async with rig() as it:
        gate = asyncio.Event()
        it.agent.answers = [[gate, "too late"]]
        await it.feed(arrived("slowly", at=dm()), arrived("also", "m2", at=dm()))
        await it.feed(arrived("!stop", "m3", at=dm()))
        gate.set()
        await breathe()
        assert it.platform.texts == ["Stopped."]
        assert it.agent.aborted == 1
        await it.feed(arrived("!stop", "m4", at=dm()), arrived("again", "m5", at=dm()))
        assert it.platform.texts[1:] == ["Nothing is running.", "Echo: again"]


async def test_stop_at_room_level_reaches_turns_that_answer_in_threads() -> None:
    async with rig(replyToMode="all", commandAllowFrom=["uAlice"]) as it:
        it.agent.answers = [[asyncio.Event(), "too late"]]
        await it.feed(arrived("@bot slowly"), arrived("!stop", "m2"))
        assert it.platform.texts == ["Stopped."]
        assert it.agent.aborted == 1


async def test_status_is_answered_beside_a_running_turn() -> None:
    async with rig() as it:
        gate = asyncio.Event()
        it.agent.answers = [[gate, "done"]]
        await it.feed(arrived("@bot slowly"), arrived("@bot next", "m2"), arrived("!status", "m3"))
        assert "agent:main:chat:channel:ROOM1" in it.platform.texts[0]
        assert "running" in it.platform.texts[0]
        assert "1 waiting" in it.platform.texts[0]
        gate.set()
        await breathe()
        assert it.platform.texts[1] == "done"


async def test_models_change_for_one_session() -> None:
    async with rig(commandAllowFrom=["uAlice"]) as it:
        it.agent.known = ("acme/large", "acme/small")
        await it.feed(
            arrived("!model large", "c1"),
            arrived("!model huge", "c2"),
            arrived("@bot hi", "m1"),
            arrived("@bot hi", "m2", at=room("ROOM2")),
            arrived("!model", "c3"),
            arrived("!model default", "c4"),
            arrived("@bot hi", "m3"),
        )
        assert sorted(turn.model or "" for turn in it.agent.turns) == ["", "", "acme/large"]
        assert it.agent.turns[-1].model is None
        assert any("There is no model `huge`" in text for text in it.platform.texts)
        assert any("`acme/large`, `acme/small`" in text for text in it.platform.texts)


async def test_an_unknown_command_is_answered_without_the_agent() -> None:
    async with rig() as it:
        await it.feed(arrived("!frobnicate", at=dm(thread="root1")))
        assert it.agent.turns == []
        assert it.platform.sent[0][0] == Address("DM-uAlice", "root1")
        assert "!status" in it.platform.texts[0]


async def test_a_stranger_is_paired_once_and_then_heard() -> None:
    async with rig() as it:
        await it.feed(arrived("hi", at=dm(BOB), by=BOB), arrived("hello?", "m2", at=dm(BOB), by=BOB))
        assert len(it.platform.sent) == 1
        assert it.agent.turns == []
        code = it.store.state.pending[0].code
        assert code in it.platform.texts[0]
        assert await it.runner.approve("AAAAAAAA") is None
        assert await it.runner.approve(code.lower()) == "uBob"
        assert (await it.runner.pairings()).approved == {"uBob"}
        await it.feed(arrived("hi", at=dm(BOB), by=BOB), arrived("now?", "m3", at=dm(BOB), by=BOB))
        assert [turn.facts.message_id for turn in it.agent.turns] == ["m3"]


async def test_a_code_that_cannot_be_told_stays_pending() -> None:
    async with rig() as it:
        it.platform.fail["send"] = [ServerFailed("no", status=400)]
        await it.feed(arrived("hi", at=dm(BOB), by=BOB))
        assert len(it.store.state.pending) == 1
        await it.feed(arrived("hello", "m2", at=dm()))
        assert it.platform.texts == ["Echo: hello"]


async def test_what_happened_is_told_with_the_next_turn_only() -> None:
    async with rig() as it:
        of_bot = Sender("uBot", "bot", "The Bot")
        await it.feed(
            arrived("@bot hi"),
            MessageEdited(room(), "m1", ALICE, "e1"),
            MessageEdited(room(), "m1", ALICE, "e1"),
            ReactionChanged(room(), "sent1", of_bot, ALICE, "thumbsup", True, "r1"),
        )
        assert len(it.agent.turns) == 1
        await it.feed(arrived("@bot and?", "m2"), arrived("@bot and?", "m3"))
        lines = it.agent.turns[1].facts.system_lines
        assert lines == (
            "Chat message edited in #ops.",
            "Chat reaction added: :thumbsup: by Alice A in #ops msg sent1 from The Bot",
        )
        assert lines[1] in it.agent.turns[1].lines[-2].text
        assert it.agent.turns[2].facts.system_lines == ()


async def test_earlier_messages_are_context_and_given_once() -> None:
    async with rig(historyLimit=3) as it:
        for number in range(5):
            text = message(f"chatter {number}", by=BOB, message_id=f"h{number}", when=float(number))
            it.platform.messages[text.id] = text
        await it.feed(arrived("@bot hi"))
        opening = it.agent.turns[0].lines
        assert len(opening) == 2
        assert "chatter 1" not in opening[0].text
        assert all(f"chatter {number}" in opening[0].text for number in (2, 3, 4))
        assert opening[1].text == "Alice A (uAlice): @bot hi"
        await it.feed(arrived("@bot more", "m2"))
        everything = "".join(line.text for line in it.agent.turns[1].lines)
        assert everything.count("chatter 4") == 1


async def test_nothing_is_read_for_a_message_that_starts_no_turn() -> None:
    async with rig() as it:
        await it.feed(arrived("hi"))
        assert "history" not in it.platform.calls
        await it.feed(arrived("@bot hi", "m2"))
        assert it.platform.calls.count("history") == 1


async def test_a_history_that_cannot_be_read_is_left_out() -> None:
    async with rig() as it:
        it.platform.fail["history"] = [ServerFailed("no", status=500)]
        await it.feed(arrived("@bot hi"))
        assert it.platform.texts == ["Echo: Alice A (uAlice): @bot hi"]


async def test_an_old_thread_is_told_from_its_root() -> None:
    async with rig() as it:
        it.platform.messages["root1"] = message("the topic", by=BOB, message_id="root1", when=1)
        it.platform.messages["r2"] = message(
            "a reply", by=BOB, at=room(thread="root1"), message_id="r2", when=2
        )
        it.platform.messages["x"] = message("room talk", by=BOB, message_id="x", when=3)
        await it.feed(arrived("@bot hi", at=room(thread="root1")))
        context = it.agent.turns[0].lines[0].text
        assert context.index("the topic") < context.index("a reply")
        assert "room talk" not in context
        await it.feed(arrived("@bot hi", "m2", at=room(thread="root1")))
        assert "".join(line.text for line in it.agent.turns[1].lines).count("the topic") == 1


async def test_context_can_be_switched_off_and_kept_to_the_listed() -> None:
    async with rig(historyLimit=0) as it:
        it.platform.messages["h"] = message("chatter", by=BOB, message_id="h", when=1)
        await it.feed(arrived("@bot hi"))
        assert len(it.agent.turns[0].lines) == 1
    listed = {"ROOM1": {"users": ["uAlice"]}}
    async with rig(groups=listed, contextVisibility="allowlist") as it:
        it.platform.messages["h"] = message("chatter", by=BOB, message_id="h", when=1)
        await it.feed(arrived("@bot hi"))
        assert len(it.agent.turns[0].lines) == 1


async def test_a_fresh_direct_session_can_read_back() -> None:
    async with rig(dmHistoryLimit=2) as it:
        it.platform.messages["h"] = message("before", at=dm(), message_id="h", when=1)
        await it.feed(arrived("hi", at=dm()), arrived("again", "m2", at=dm()))
        assert "before" in it.agent.turns[0].lines[0].text
        assert it.platform.calls.count("history") == 1


async def test_an_agent_with_its_own_memory_gets_the_new_message_only() -> None:
    async with rig(history="none") as it:
        await it.feed(arrived("one", at=dm()), arrived("two", "m2", at=dm()))
        assert [line.text for line in it.agent.turns[1].lines] == ["two"]


async def test_a_thread_may_inherit_the_rooms_transcript() -> None:
    for inherit in (True, False):
        async with rig(thread={"inheritParent": inherit}) as it:
            await it.feed(arrived("@bot room talk"), arrived("@bot hi", "m2", at=room(thread="r")))
            text = "".join(line.text for line in it.agent.turns[1].lines)
            assert ("room talk" in text) is inherit


async def test_a_long_answer_comes_in_parts_that_do_not_mix() -> None:
    async with rig(textChunkLimit=50) as it:
        it.platform.gate = asyncio.Event()
        it.agent.answers = [["a " * 60], ["b " * 60]]
        await it.feed(
            arrived("@bot one", at=room(thread="r")), arrived("@bot two", "m2", at=room("ROOM1", thread="r"))
        )
        it.platform.gate.set()
        await breathe(200)
        assert [text[0] for text in it.platform.texts] == sorted(text[0] for text in it.platform.texts)
        assert len(it.platform.texts) > 4
        assert {place for place, _ in it.platform.sent} == {Address("ROOM1", "r")}


@pytest.mark.parametrize(
    ("mode", "roots"), [("off", [None] * 3), ("first", ["m1", None, None]), ("all", ["m1"] * 3)]
)
async def test_reply_modes_place_the_parts(mode: str, roots: list[str | None]) -> None:
    async with rig(replyToMode=mode, textChunkLimit=50) as it:
        it.agent.answers = [["\n\n".join(["x" * 40] * 3)]]
        await it.feed(arrived("@bot hi"))
        assert [place.thread_id for place, _ in it.platform.sent] == roots


async def test_after_a_failed_part_the_rest_is_not_sent_and_nothing_is_repeated() -> None:
    async with rig(textChunkLimit=50) as it:
        it.agent.answers = [["\n\n".join(f"part {number} " + "x" * 35 for number in range(3))]]
        answered = it.platform.send

        async def second_fails(to: Address, text: str, buttons: Rows = ()) -> str:
            if "part 1" in text:
                raise OutcomeUnknown("no answer came", call="POST send")
            return await answered(to, text, buttons)

        it.platform.send = second_fails  # type: ignore[method-assign]
        await it.feed(arrived("hi", at=dm()))
        assert [text[:6] for text in it.platform.texts] == ["part 0"]
        assert "no answer came" in it.runner.status().last_error
        await it.feed(arrived("and?", "m2", at=dm()))
        assert it.agent.turns[1].lines[1].text.startswith("part 0")
        assert "part 2" not in it.agent.turns[1].lines[1].text


@pytest.mark.parametrize("text", ["", "  \n\t ", "<think>only thoughts</think>"])
async def test_an_empty_answer_is_not_posted(text: str) -> None:
    async with rig() as it:
        it.agent.answers = [[text]]
        await it.feed(arrived("hi", at=dm()))
        assert it.platform.sent == []


async def test_the_word_for_silence_is_never_posted() -> None:
    async with rig(groups={"ROOM1": {"requireMention": False}}) as it:
        it.agent.answers = [["no_reply"], ["NO_REPLY"], ["No_Reply"]]
        await it.feed(arrived("to nobody"))
        assert it.platform.sent == []
        await it.feed(arrived("to you", "m2", at=dm()), arrived("@bot hi", "m3"))
        assert len(it.platform.sent) == 2
        assert not any("no_reply" in text.lower() for text in it.platform.texts)


async def test_tags_internal_text_and_prefix() -> None:
    async with rig(responsePrefix="[bot]") as it:
        it.agent.answers = [["<think>x</think>[[reply_to_current]] fine `[[reply_to_current]]`"]]
        await it.feed(arrived("hi", at=dm()))
        assert it.platform.texts == ["[bot] fine `[[reply_to_current]]`"]


async def test_a_tag_names_a_message_of_this_room_only() -> None:
    async with rig(replyToMode="all") as it:
        it.platform.messages["old"] = message("old", at=room(thread="root9"), message_id="old", when=1)
        it.platform.messages["far"] = message("far", at=room("ROOM2"), message_id="far", when=1)
        it.agent.answers = [["[[reply_to:old]] a"], ["[[reply_to:far]] b"], ["[[reply_to:none]] c"]]
        await it.feed(*(arrived("@bot hi", f"m{number}") for number in (1, 2, 3)))
        placed = {text: place.thread_id for place, text in it.platform.sent}
        assert placed == {"a": "root9", "b": "m2", "c": "m3"}


@pytest.mark.parametrize(
    "error", [ServerFailed("KeyError in secret.py", status=500), ValueError("secret.py")]
)
async def test_a_failed_turn_is_told_in_one_line_to_those_who_asked(error: Exception) -> None:
    async with rig(groups={"ROOM1": {"requireMention": False}}) as it:
        it.agent.answers = [[error], [error], [error], ["fine"]]
        await it.feed(arrived("hi", at=dm()))
        assert len(it.platform.texts) == 1
        assert "secret" not in it.platform.texts[0]
        await it.feed(arrived("to nobody", "m2"))
        assert len(it.platform.texts) == 1
        await it.feed(arrived("@bot hi", "m3"), arrived("hi", "m4", at=dm()))
        assert len(it.platform.texts) == 3


async def test_a_refused_agent_key_does_not_stop_the_account() -> None:
    async with rig() as it:
        it.agent.answers = [[Unauthorized("bad key", status=401)]]
        await it.feed(arrived("hi", at=dm()), arrived("again", "m2", at=dm()))
        assert it.platform.texts[1] == "Echo: again"
        assert it.runner.status().lifecycle == "ready"


async def test_text_of_a_broken_answer_is_kept() -> None:
    async with rig() as it:
        it.agent.answers = [[[Text("half of it"), End(complete=False, reason="cut")]]]
        await it.feed(arrived("hi", at=dm()))
        assert it.platform.texts == ["half of it"]


async def test_signs_that_fail_do_not_stop_the_answer() -> None:
    async with rig() as it:
        it.platform.fail["react"] = [ServerFailed("no", status=400)]
        it.platform.fail["typing"] = [ConnectFailed("no")] * 9
        gate = asyncio.Event()
        it.agent.answers = [[gate, "done"]]
        await it.feed(arrived("@bot hi"))
        await it.clock.advance(30)
        gate.set()
        await breathe()
        assert it.platform.texts == ["done"]


@pytest.mark.parametrize("ending", ["answer", "failure", "stop"])
async def test_typing_is_shown_while_a_turn_runs_and_hidden_at_any_end(ending: str) -> None:
    async with rig() as it:
        gate = asyncio.Event()
        it.agent.answers = [[gate, ServerFailed("no", status=500) if ending == "failure" else "done"]]
        await it.feed(arrived("slowly", at=dm()))
        assert it.platform.typed == []
        await it.clock.advance(1)
        await it.clock.advance(8)
        assert [on for _, on in it.platform.typed] == [True, True]
        if ending == "stop":
            await it.feed(arrived("!stop", "m2", at=dm()))
        gate.set()
        await breathe()
        assert it.platform.typed[-1] == (Address("DM-uAlice"), False)
        count = len(it.platform.typed)
        await it.clock.advance(60)
        assert len(it.platform.typed) == count


async def test_the_agent_may_react_and_is_asked_again() -> None:
    async with rig() as it:
        it.agent.answers = [
            tool_step('{"action":"react","emoji":"thumbsup"}'),
            tool_step('{"action":"react","emoji":":thumbsup:","remove":true}'),
            tool_step('{"action":"react","emoji":"tada","remove":true}'),
            ["done"],
        ]
        await it.feed(arrived("hi", at=dm()))
        assert it.platform.texts == ["done"]
        assert it.platform.reactions == set()
        last = it.agent.turns[-1]
        results = [line.text for line in last.lines if line.role == "tool"]
        assert len(results) == 3
        assert all('"ok": true' in result for result in results)
        assert [line.role for line in last.lines] == ["user", *["assistant", "tool"] * 3]
        assert it.agent.turns[0].tools[0].name == "message"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ('{"action":"react"}', "emoji"),
        ('{"action":"react","emoji":""}', "emoji"),
        ('{"action":"react","remove":true}', "emoji"),
        ('{"action":"poll"}', "react"),
        ("{broken", "JSON"),
        ("[]", "object"),
        ('{"action":"react","emoji":"x","messageId":"far"}', "no such message"),
        ('{"action":"react","emoji":"x","messageId":"none"}', "no such message"),
        ('{"action":"react","emoji":"x","remove":"yes"}', "remove"),
    ],
)
async def test_a_wrong_tool_call_is_answered_with_what_is_wrong(arguments: str, problem: str) -> None:
    async with rig() as it:
        it.platform.messages["far"] = message("far", at=room("ROOM2"), message_id="far", when=1)
        it.agent.answers = [tool_step(arguments), ["done"]]
        await it.feed(arrived("hi", at=dm()))
        result = it.agent.turns[1].lines[-1].text
        assert '"ok": false' in result
        assert problem in result
        assert it.platform.reactions == set()
        assert it.platform.texts == ["done"]


async def test_a_tool_that_does_not_exist_and_one_without_end() -> None:
    async with rig() as it:
        it.agent.answers = [[tool("no_such_tool")] for _ in range(20)]
        await it.feed(arrived("hi", at=dm()))
        assert "there is no tool" in it.agent.turns[1].lines[-1].text
        assert len(it.agent.turns) == 8
        assert it.agent.turns[-1].tools == ()
        assert it.platform.sent == []


async def test_a_refused_reaction_is_an_answer_for_the_agent() -> None:
    async with rig() as it:
        it.platform.fail["react"] = [ServerFailed("Invalid emoji", status=400)]
        it.agent.answers = [tool_step('{"action":"react","emoji":"nonsense"}'), ["done"]]
        await it.feed(arrived("hi", at=dm()))
        assert "refused" in it.agent.turns[1].lines[-1].text


async def test_a_bot_that_answers_everything_is_cut_off() -> None:
    keys: dict[str, object] = {
        "groups": {"ROOM1": {"users": ["uOther"], "botLoopProtection": {"maxEventsPerWindow": 4}}},
        "allowBots": True,
    }
    async with rig(**keys) as it:
        for number in range(10):
            await it.feed(arrived("@bot hi", f"m{number}", by=OTHERBOT))
        assert len(it.agent.turns) == 2
        assert it.runner.status().drops == {"bot-loop": 8}
        await it.clock.advance(61)
        await it.feed(arrived("@bot hi", "later", by=OTHERBOT))
        assert len(it.agent.turns) == 3


async def test_names_beside_mentions_reach_the_agent() -> None:
    async with rig() as it:
        await it.feed(arrived("@bot ask @bob", mentions=(AT_BOB,)))
        assert it.agent.turns[0].lines[-1].text == "Alice A (uAlice): @bot ask @bob (Bob B)"


def tool_step(arguments: str) -> Sequence[Answer]:
    """Return the steps of an answer that calls the tool once."""
    return [tool(arguments=arguments)]


def test_the_fake_platform_is_known_to_its_tests() -> None:
    assert FakePlatform().identity() == BOT
