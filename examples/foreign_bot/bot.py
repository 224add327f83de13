"""A small Rocket.Chat bot on the package rocketchat-async alone; nothing of Tolmach is imported.

It answers direct messages and room messages that mention it, with the answer of an
OpenAI-compatible agent. It is written the way such bots usually are, so that the conformance suite
has something true to say about it.
"""

import asyncio
import json
import os
import urllib.request

from rocketchat_async import RocketChat

URL = os.environ["ROCKETCHAT_URL"].replace("http", "ws", 1) + "/websocket"
NAME = os.environ["ROCKETCHAT_USERNAME"]
PASSWORD = os.environ["ROCKETCHAT_PASSWORD"]
AGENT = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
KEY = os.environ["OPENAI_API_KEY"]
MODEL = os.environ.get("MODEL", "default")

bot = RocketChat()
kinds: dict[str, str] = {}
histories: dict[str, list[dict[str, str]]] = {}
tasks: set[asyncio.Task[None]] = set()


def ask(messages: list[dict[str, str]]) -> str:
    """Return the agent's answer to a conversation."""
    body = json.dumps({"model": MODEL, "messages": messages}).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(AGENT, body, headers), timeout=300) as answer:
        return json.load(answer)["choices"][0]["message"]["content"] or ""


async def answer(room: str, thread: str | None, text: str) -> None:
    """Put the text to the agent and post what it says, in the thread where there is one."""
    history = histories.setdefault(f"{room}/{thread}", [])
    history.append({"role": "user", "content": text})
    try:
        said = await asyncio.to_thread(ask, history[-20:])
    except OSError as error:
        print(f"the agent failed: {error}", flush=True)
        return
    history.append({"role": "assistant", "content": said})
    await bot.send_message(said, room, thread)


def on_message(room, sender, message_id, thread, text, qualifier, unread, repeated) -> None:
    """Decide whether a message is for the bot."""
    if sender == bot.user_id or qualifier or repeated:
        return
    if kinds.get(room) == "d" or f"@{NAME}" in text:
        task = asyncio.get_running_loop().create_task(answer(room, thread, text))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def on_room(room: str, kind: str) -> None:
    """Listen to a room that the bot was added to."""
    if room not in kinds:
        kinds[room] = kind
        asyncio.get_running_loop().create_task(bot.subscribe_to_channel_messages(room, on_message))


async def main() -> None:
    """Log in, listen to every room, and stay."""
    await bot.start(URL, NAME, PASSWORD)
    await bot.subscribe_to_channel_changes(on_room)
    for room, kind in await bot.get_channels():
        kinds[room] = kind
        await bot.subscribe_to_channel_messages(room, on_message)
    await bot.get_channels()
    print("ready", flush=True)
    await bot.run_forever()


asyncio.run(main())
