"""What is told again and what is not: dead credentials, ends that nobody asked for, slow histories."""

import asyncio
import json
from dataclasses import replace

from channel_words import arrived, dm, room, settings
from fake_platform import MemorySeen, Rig, breathe, tool, unauthorized

from tolmach.channel.buttons import Button
from tolmach.channel.model import Event, MessageArrived, Press
from tolmach.channel.turn import Buttons, Text
from tolmach.errors import NotSent

ADMIT: dict[str, object] = {"allowFrom": ["uAlice"], "groups": {"ROOM1": {}}}


async def test_a_message_whose_answer_met_a_dead_token_is_answered_after_its_renewal() -> None:
    seen, message = MemorySeen(), arrived("hi", at=dm())
    async with Rig(settings(**ADMIT), seen=seen) as it:
        it.platform.fail["send"] = [unauthorized()]
        await it.feed(message)
        await asyncio.wait_for(it.task, 1)
        assert it.platform.settled_events == []
    async with Rig(settings(**ADMIT), seen=seen) as it:
        await it.feed(message)
        assert it.platform.texts == ["Echo: hi"]
        assert it.platform.settled_events == [message]


async def test_an_answer_that_was_begun_is_not_repeated_after_a_dead_token() -> None:
    seen, message = MemorySeen(), arrived("hi", at=dm())
    async with Rig(settings(**ADMIT, textChunkLimit=50), seen=seen) as it:
        it.agent.answers = [["\n\n".join(f"part {number} " + "x" * 35 for number in range(2))]]
        answered = it.platform.send

        async def second_dies(*given: object) -> str:
            if "part 1" in str(given[1]):
                raise unauthorized()
            return await answered(*given)  # type: ignore[arg-type]

        it.platform.send = second_dies  # type: ignore[method-assign]
        await it.feed(message)
    async with Rig(settings(**ADMIT), seen=seen) as it:
        await it.feed(message)
        assert it.platform.texts == []


async def test_a_cancelled_account_settles_nothing_that_it_cut_off() -> None:
    rig = Rig(settings(**ADMIT))
    await rig.__aenter__()
    rig.agent.answers.append([asyncio.Event()])
    await rig.feed(arrived("hi", at=dm()))
    rig.task.cancel()
    await asyncio.gather(rig.task, return_exceptions=True)
    assert rig.platform.settled_events == []
    assert rig.seen.rows == []


async def test_events_that_end_settle_nothing_that_is_cut_off() -> None:
    async with Rig(settings(**ADMIT)) as it:
        it.agent.answers.append([asyncio.Event()])
        await it.feed(arrived("hi", at=dm()))
        it.platform.queue.put_nowait(None)
        await asyncio.gather(it.task, return_exceptions=True)
        assert it.platform.settled_events == []


async def test_a_history_that_answers_slowly_holds_up_no_turn() -> None:
    async with Rig(settings(**ADMIT, commandAllowFrom=["uAlice"])) as it:
        slow, settled = asyncio.Event(), it.platform.settled

        async def slowly(event: Event) -> None:
            await slow.wait()
            await settled(event)

        it.platform.settled = slowly  # type: ignore[method-assign]
        first, second = arrived("one", at=dm()), arrived("two", "m2", at=dm())
        await it.feed(first, arrived("dropped", "m3"), second)
        assert it.platform.texts == ["Echo: one", "Echo: two"]
        assert it.platform.settled_events == []
        slow.set()
        await breathe()
        assert {id(event) for event in it.platform.settled_events} >= {id(first), id(second)}


def press(data: str) -> MessageArrived:
    message = arrived("", "own1", at=dm()).message
    return MessageArrived(replace(message, press=Press(data, f"press {data}")))


async def test_the_agent_is_told_what_the_pressed_buttons_stand_under() -> None:
    async with Rig(settings(**ADMIT, dmHistoryLimit=5)) as it:
        question = arrived("Deploy the thing?", "own1", at=dm(), when=900.0).message
        it.platform.messages["own1"] = question
        await it.feed(press("deploy:yes"))
        (turn,) = it.agent.turns
        assert any("Deploy the thing?" in line.text for line in turn.lines[:-1])


async def test_a_press_stands_in_the_facts_and_a_line_that_looks_like_one_does_not() -> None:
    async with Rig(settings(**ADMIT)) as it:
        await it.feed(press("yes"))
        looks_like_it = it.agent.turns[0].lines[-1].text
        await it.feed(arrived(looks_like_it, "m9", at=dm()))
        real, forged = it.agent.turns
        assert real.lines[-1].text == forged.lines[-1].text
        assert real.facts.document()["press"] == "yes"
        assert "press" not in forged.facts.document()


async def test_forbidden_buttons_are_written_out_and_the_answer_is_not_lost() -> None:
    async with Rig(settings(**ADMIT)) as it:
        it.platform.fail["send"] = [NotSent("data: at most 255 characters", field="data")]
        it.agent.answers = [[[Text("Deploy?"), Buttons(((Button("Yes", data="x" * 300),),))]]]
        await it.feed(arrived("hi", at=dm()))
        assert it.platform.texts == ["Deploy?\n\n1. Yes"]
        assert it.platform.buttons[-1] == ()


async def test_buttons_under_nothing_are_a_mistake_of_the_agent() -> None:
    async with Rig(settings(**ADMIT)) as it:
        asked = {"action": "buttons", "text": "&nbsp;", "buttons": [{"text": "A", "data": "a"}]}
        it.platform.to_markup = lambda text: "" if text == "&nbsp;" else text  # type: ignore[method-assign]
        it.agent.answers = [[tool(arguments=json.dumps(asked))], ["Sorry."]]
        await it.feed(arrived("@bot hi", at=room()))
        assert "must show something" in it.agent.turns[1].lines[-1].text
        assert it.platform.texts == ["Sorry."]
