import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

# A bot in one file: it follows its messages over the websocket and answers over REST.
BOT = """
import asyncio, json, os
import aiohttp

URL = os.environ["ROCKETCHAT_URL"]
ME, TOKEN = os.environ["ROCKETCHAT_USER_ID"], os.environ["ROCKETCHAT_AUTH_TOKEN"]
HEADERS = {"X-User-Id": ME, "X-Auth-Token": TOKEN}


async def follow(session):
    # Other people's messages, also those that came while the connection was cut.
    seen, again = set(), False
    while True:
        try:
            async for message in connected(session, again):
                if message["_id"] not in seen:
                    seen.add(message["_id"])
                    yield message
        except aiohttp.ClientError:
            pass
        again = True
        await asyncio.sleep(0.05)


async def connected(session, again):
    async with session.ws_connect(URL.replace("http", "ws") + "/websocket") as ws:
        send = lambda **frame: ws.send_str(json.dumps(frame))
        await send(msg="connect", version="1", support=["1"])
        await send(msg="method", id="1", method="login", params=[{"resume": TOKEN}])
        await send(msg="sub", id="3", name="stream-room-messages", params=["__my_messages__", False])
        async for frame in ws:
            data = json.loads(frame.data)
            if data.get("msg") == "ping":
                await send(msg="pong")
            if data.get("msg") == "ready" and again:
                for rid in await rooms(session):
                    for message in await history(session, rid):
                        yield message
            if data.get("msg") == "changed":
                for message in data["fields"]["args"][:1]:
                    if message["u"]["_id"] != ME:
                        yield message


async def rooms(session):
    async with session.get(URL + "/api/v1/rooms.get") as response:
        return [room["_id"] for room in (await response.json())["update"] if room["t"] == "c"]


async def history(session, rid):
    async with session.get(URL + "/api/v1/channels.history", params={"roomId": rid}) as response:
        return [one for one in (await response.json())["messages"] if one["u"]["_id"] != ME]


async def main():
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        async for message in follow(session):
            body = {"message": {"rid": message["rid"], "msg": f"Hello, {message['u']['name']}"}}
            async with session.post(URL + "/api/v1/chat.sendMessage", json=body) as response:
                print("answered", response.status)


asyncio.run(main())
"""


@pytest.fixture
def bot(tmp_path: Path) -> str:
    file = tmp_path / "bot.py"
    file.write_text(BOT)
    return f"python {file}"


async def test_a_launched_bot_is_spoken_to_and_answers(rocketchat: Any, launch: Any, bot: str) -> None:
    alice = rocketchat.person("alice")
    await launch(bot, env=rocketchat.env)
    await alice.dm("bot").say("hi")
    assert await alice.dm("bot").next_reply() == "Hello, Alice"
    await rocketchat.person("bob").room("general").say("hello everybody")
    assert await rocketchat.room("general").replies() == ["Hello, Bob"]


async def test_a_dropped_socket_stays_away_until_the_block_is_left(
    rocketchat: Any, launch: Any, bot: str
) -> None:
    await launch(bot, env=rocketchat.env)
    async with rocketchat.faults.socket_dropped():
        await rocketchat.person("alice").room("general").say("@bot are you there?")
        with pytest.raises(AssertionError, match="posted 0 of 1"):
            await rocketchat.room("general").next_reply(timeout=0.2)
    assert await rocketchat.room("general").replies() == ["Hello, Alice"]


async def test_replies_are_read_once_and_kept_apart_by_room(rocketchat: Any, launch: Any, bot: str) -> None:
    await launch(bot, env=rocketchat.env)
    alice = rocketchat.person("alice")
    ops = await rocketchat.add_room("ops", "alice", "bot")
    await alice.room("ops").say("one")
    await alice.room("general").say("two")
    assert await ops.next_reply() == "Hello, Alice"
    assert await rocketchat.room("general").next_reply() == "Hello, Alice"
    with pytest.raises(AssertionError, match="posted 0 of 1 messages"):
        await ops.next_reply(timeout=0)


async def test_every_test_starts_in_a_fresh_world(rocketchat: Any) -> None:
    with pytest.raises(KeyError, match="there are general, team"):
        rocketchat.room("ops")
    with pytest.raises(KeyError, match="there are admin, alice, bob, bot"):
        rocketchat.person("carol")
    carol = await rocketchat.add_person("carol")
    assert carol.username == "carol"
    await carol.dm("bot").say("nobody listens")


def is_gone(folder: str) -> bool:
    return not Path(folder).exists()


async def test_what_a_bot_keeps_lives_as_long_as_its_test(rocketchat: Any, launch: Any) -> None:
    program = "import os; print(os.environ['XDG_STATE_HOME'], os.path.isdir(os.environ['XDG_STATE_HOME']))"
    first = await launch([sys.executable, "-c", program], env=rocketchat.env, ready=False)
    second = await launch([sys.executable, "-c", program], env=rocketchat.env, ready=False)
    other = {**rocketchat.env, "XDG_STATE_HOME": "/elsewhere"}
    third = await launch([sys.executable, "-c", program], env=other, ready=False)
    for launched in (first, second, third):
        launched.process.wait(10)
    folder, exists = first.output().split()
    assert exists == "True"
    assert second.output() == first.output()
    assert third.output().split() == ["/elsewhere", "False"]
    launch.end()
    assert is_gone(folder)


async def test_a_bot_that_ends_early_fails_the_test_with_its_output(rocketchat: Any, launch: Any) -> None:
    with pytest.raises(AssertionError, match=r"ended with status 3 before it subscribed(.|\n)*no such luck"):
        await launch(
            [sys.executable, "-c", "import sys; print('no such luck'); sys.exit(3)"], env=rocketchat.env
        )


async def test_a_bot_that_never_listens_fails_the_test(rocketchat: Any, launch: Any) -> None:
    with pytest.raises(AssertionError, match="did not subscribe"):
        await launch([sys.executable, "-c", "import time; time.sleep(60)"], env=rocketchat.env, timeout=0.2)


async def test_a_room_without_a_speaker_cannot_be_spoken_in(rocketchat: Any) -> None:
    with pytest.raises(TypeError, match=r"person\(…\).room\(…\)"):
        await rocketchat.room("general").say("who speaks?")


async def test_the_agent_is_scripted_and_its_requests_are_read(agent: Any) -> None:
    import aiohttp

    await agent.script("one", [{"say": "two"}], text="count")
    said = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {agent.key}"}) as session:
        for text in ("count", "count", "else"):
            body = {"model": agent.model, "messages": [{"role": "user", "content": text}]}
            async with session.post(f"{agent.url}/chat/completions", json=body) as response:
                said.append((await response.json())["choices"][0]["message"]["content"])
    assert said == ["one", "two", "Echo: else"]
    assert len(await agent.requests(3)) == 3
    assert (await agent.next_request())["messages"][0]["content"] == "count"
    with pytest.raises(AssertionError, match="3 of 4 requests came"):
        await agent.requests(4, timeout=0)


def _pytest(folder: Path, test: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(textwrap.dedent(test))
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    plugin = "tolmach_mockservers.pytest_plugin"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", plugin]
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )


def test_the_plugin_loads_nothing_of_the_fakes_until_a_fixture_is_used(tmp_path: Path) -> None:
    done = _pytest(
        tmp_path,
        """
        import sys

        def test_nothing_is_loaded():
            loaded = {name for name in sys.modules if name.startswith("tolmach_mockservers")}
            assert loaded <= {"tolmach_mockservers", "tolmach_mockservers.pytest_plugin"}
            assert not {"aiohttp", "click", "faker"} & set(sys.modules)
        """,
    )
    assert done.returncode == 0, done.stdout


def test_an_exchange_outside_the_documented_protocol_fails_the_test(tmp_path: Path) -> None:
    done = _pytest(
        tmp_path,
        """
        import urllib.request, urllib.error

        def ask(url):
            try:
                urllib.request.urlopen(url + "/api/v1/no.such.route").close()
            except urllib.error.HTTPError as error:
                error.close()

        def test_wrong_route(rocketchat):
            ask(rocketchat.url)

        def test_allowed(rocketchat):
            rocketchat.allow_violations = True
            ask(rocketchat.url)
        """,
    )
    assert "1 exchanges left the documented protocol" in done.stdout
    assert "2 passed, 1 error" in done.stdout
