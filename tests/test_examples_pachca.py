"""The Pachca examples, run as their readers would run them, with what ``tolmach up pachca`` prints."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from tolmach.pachca import Pachca

EXAMPLES = Path(__file__).parent.parent / "examples"


def command(name: str, *arguments: str) -> list[str]:
    return ["python", str(EXAMPLES / f"pachca_{name}.py"), *arguments]


async def test_only_what_up_prints_is_in_the_environment(pachca: Any) -> None:
    assert {name for name in pachca.env if name.startswith("PACHCA_")} == {
        "PACHCA_API_BASE",
        "PACHCA_TOKEN",
        "PACHCA_WEBHOOK_SECRET",
    }
    assert not any(name.startswith(("ROCKETCHAT", "OPENAI", "OCG")) for name in pachca.env)


async def test_the_webhook_bot_repeats_a_message_once(pachca: Any, launch: Any) -> None:
    await launch(command("echo_webhook"), env=pachca.env)
    alice = pachca.person("alice")
    room = alice.room("general")
    said = await room.say("hi")
    assert await room.next_reply() == "You said: hi"
    fake = pachca.fake
    await pachca.thread.act(lambda: fake.redeliver(None, said, "new", 2))
    await room.say("and again")
    assert await room.next_reply() == "You said: and again"


async def test_the_webhook_bot_answers_where_it_was_asked(pachca: Any, launch: Any) -> None:
    await launch(command("echo_webhook"), env=pachca.env)
    dm = pachca.person("bob").dm("bot")
    await dm.say("just us")
    assert await dm.next_reply() == "You said: just us"


async def test_the_form_bot_takes_an_order_and_names_a_wrong_field(pachca: Any, launch: Any) -> None:
    await launch(command("form_bot"), env=pachca.env)
    alice = pachca.person("alice")
    room = alice.room("team")
    await room.say("order")
    menu = await room.next_message()
    trigger = await alice.press(menu, "order")
    await alice.opened()
    refused = await alice.submit(trigger, what="tea", size="s", count="some")
    assert refused.errors == {"count": "A number from 1 on, please"}
    taken = await alice.submit(trigger, what="tea", size="l", count="2")
    assert taken.errors == {}
    assert await room.next_reply() == "Ordered: 2 x tea (l)"


async def test_the_file_bot_answers_with_checksums(pachca: Any, launch: Any, tmp_path: Path) -> None:
    await launch(command("file_bot"), env=pachca.env)
    room = pachca.room("general")
    body = b"line\n" * 20_000
    digest = hashlib.sha256(body).hexdigest()
    alice = pachca.person("alice")
    async with Pachca(alice.token, api_base=pachca.url, insecure=True) as person:
        file = await person.uploads.file(body, name="plan.txt")
        await person.messages.create(chat_id=room.id, content="check this", files=[file])
        assert await room.next_reply() == "Checked 1"
        (answer,) = [
            each
            for each in (await person.messages.list(room.id).first()).items
            if each.content == "Checked 1"
        ]
        async with person.files.open(answer.files[0]) as download:
            await download.save(tmp_path / "checksums.txt")
    assert (tmp_path / "checksums.txt").read_text() == f"{digest}  {len(body)}  plan.txt\n"


async def test_the_history_bot_answers_what_came_while_it_was_down(pachca: Any, launch: Any) -> None:
    room = pachca.person("alice").room("general")
    said = await room.say("before you were up")
    await launch(command("history_bot"), env=pachca.env)
    (reply,) = await pachca.posts(pachca.fresh_from(room.id), 1, 10)
    assert reply.text == "I read: before you were up"
    assert reply.thread_id == str(said)


async def test_the_broadcast_tells_everybody_once(pachca: Any, launch: Any) -> None:
    process = await launch(command("broadcast", "Closed on Friday"), env=pachca.env, ready=False)
    await asyncio.to_thread(process.process.wait, 30)
    assert process.process.returncode == 0, process.output()
    assert "told 3 of 3" in process.output()
    for name in ("admin", "alice", "bob"):
        assert await pachca.person(name).dm("bot").next_reply() == "Closed on Friday"
