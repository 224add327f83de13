"""The examples, run as their readers would run them, against a fake of their own."""

import asyncio
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parent.parent / "examples"


async def test_the_echo_bot_repeats_a_direct_message(rocketchat: Any, launch: Any) -> None:
    await launch(f"python {EXAMPLES / 'echo_bot.py'}", env=rocketchat.env)
    alice = rocketchat.person("alice")
    await alice.dm("bot").say("hi")
    assert await alice.dm("bot").next_reply() == "You said: hi"


async def test_the_echo_bot_answers_a_mention_and_nothing_else(rocketchat: Any, launch: Any) -> None:
    await launch(f"python {EXAMPLES / 'echo_bot.py'}", env=rocketchat.env)
    room = rocketchat.person("alice").room("general")
    await room.say("not for the bot")
    await room.say("@bot for the bot")
    assert await rocketchat.room("general").replies() == ["You said: @bot for the bot"]


async def test_the_listener_answers_in_the_thread_and_sees_edits(rocketchat: Any, launch: Any) -> None:
    process = await launch(f"python {EXAMPLES / 'listener.py'}", env=rocketchat.env)
    room = rocketchat.person("alice").room("general")
    await room.say("@bot are you there?")
    async with asyncio.timeout(10):
        assert await rocketchat.room("general").replies() == ["Here!"]
    assert process is not None


async def test_the_approval_bot_asks_with_buttons_and_acts_on_the_press(pachca: Any, launch: Any) -> None:
    await launch(f"python {EXAMPLES / 'approval_bot.py'}", env=pachca.env)
    alice = pachca.person("alice")
    await alice.dm("bot").say("/deploy web")
    async with asyncio.timeout(10):
        assert await alice.dm("bot").next_reply() == "Deploy web? Press, or say /approve web."
    (asked,) = [
        message
        for message in pachca.fake.state.tables.messages.values()
        if message.user_id == pachca.bot["id"]
    ]
    await alice.press(asked.id, "deploy:web:yes")
    async with asyncio.timeout(10):
        assert await alice.dm("bot").next_reply() == "Deploying web."


async def test_the_approval_bot_writes_its_buttons_out_where_there_are_none(
    rocketchat: Any, launch: Any
) -> None:
    await launch(f"python {EXAMPLES / 'approval_bot.py'}", env=rocketchat.env)
    alice = rocketchat.person("alice")
    await alice.dm("bot").say("/deploy web")
    said = await alice.dm("bot").next_reply()
    assert said.splitlines() == ["Deploy web? Press, or say /approve web.", "", "1. Yes", "2. No"]
    await alice.dm("bot").say("/approve web")
    assert await alice.dm("bot").next_reply() == "Deploying web."
