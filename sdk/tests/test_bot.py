import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

import tolmach
from tolmach.bot import Bot, BotTurn, Button
from tolmach.channel.model import Press
from tolmach.channel.turn import AgentChunk, Buttons, End, Line, Text, Turn, TurnFacts
from tolmach.errors import ConfigError, TolmachError

CONFIG: dict[str, object] = {
    "channels": {
        "rocketchat": {
            "serverUrl": "https://chat.example.com",
            "userId": "u",
            "pat": "t",
            "commandAllowFrom": ["boss"],
        }
    }
}
FACTS = TurnFacts("agent:main:rocketchat:channel:r1", "alice", "channel", True, "explicit", "m1", "r1", None)


def turn_of(text: str, *earlier: Line, sender: str = "alice") -> Turn:
    return Turn(FACTS.session, (*earlier, Line("user", text)), replace(FACTS, sender=sender), "channel:r1")


async def ask(bot: Bot, turn: Turn) -> list[AgentChunk]:
    agent = bot._agent_for(bot.plan.accounts[0])
    return [chunk async for chunk in agent.answer(turn)]


@pytest.fixture
def bot() -> Bot:
    bot = Bot(CONFIG)

    @bot.turn
    async def answer(turn: BotTurn) -> None:
        await turn.reply(f"{len(turn.history)} before: {turn.text}")

    return bot


def test_bot_is_at_the_top_of_the_package():
    assert tolmach.Bot is Bot


async def test_a_handler_answers_with_text_and_history(bot: Bot):
    turn = turn_of("hello", Line("user", "a"), Line("assistant", "b"))
    assert await ask(bot, turn) == [Text("2 before: hello"), End()]


async def test_a_returned_text_is_an_answer_and_two_replies_are_two_paragraphs():
    bot = Bot(CONFIG)

    @bot.turn
    async def answer(turn: BotTurn) -> str:
        await turn.reply("one")
        return "two"

    assert await ask(bot, turn_of("x")) == [Text("one"), Text("\n\ntwo"), End()]


async def test_a_stream_comes_through_as_it_grows():
    bot = Bot(CONFIG)
    gate = asyncio.Event()

    @bot.turn
    async def answer(turn: BotTurn) -> None:
        async def pieces() -> AsyncIterator[str]:
            yield "a"
            await gate.wait()
            yield "b"

        await turn.stream(pieces())
        await turn.stream(["c", "d"])

    agent = bot._agent_for(bot.plan.accounts[0])
    chunks = agent.answer(turn_of("x"))
    assert await anext(chunks) == Text("a")
    gate.set()
    assert [chunk async for chunk in chunks] == [Text("b"), Text("c"), Text("d"), End()]


async def test_commands_take_their_words_and_leave_the_rest_to_the_handler(bot: Bot):
    @bot.command("deploy")
    async def deploy(turn: BotTurn, target: str) -> str:
        return f"Deploying {target}"

    assert await ask(bot, turn_of("/deploy staging")) == [Text("Deploying staging"), End()]
    assert await ask(bot, turn_of("/Deploy staging")) == [Text("Deploying staging"), End()]
    assert await ask(bot, turn_of("/deploy")) == [Text("/deploy does not take 0 words."), End()]
    assert await ask(bot, turn_of("deploy staging")) == [Text("0 before: deploy staging"), End()]
    assert await ask(bot, turn_of("/other")) == [Text("0 before: /other"), End()]


async def test_in_a_room_the_speaker_and_the_mention_are_taken_off(bot: Bot):
    @bot.command("deploy")
    async def deploy(turn: BotTurn, target: str) -> str:
        return f"Deploying {target}"

    assert await ask(bot, turn_of("Alice (alice): @bot /deploy staging")) == [
        Text("Deploying staging"),
        End(),
    ]
    assert await ask(bot, turn_of("Alice (alice): hi (alice): x")) == [Text("0 before: hi (alice): x"), End()]


def press_of(data: str, *, sender: str = "alice") -> Turn:
    return replace(turn_of("pressed", sender=sender), press=Press(data, "p1"))


async def test_buttons_stand_under_a_reply():
    bot = Bot(CONFIG)
    yes, docs = Button("Yes", data="deploy:yes"), Button("Docs", url="https://docs.example.com")

    @bot.turn
    async def answer(turn: BotTurn) -> None:
        await turn.reply("Deploy?", buttons=[[yes], [docs]])

    assert await ask(bot, turn_of("hi")) == [Text("Deploy?"), Buttons(((yes,), (docs,))), End()]


async def test_a_press_goes_to_the_handler_of_its_name_with_what_stands_behind_it(bot: Bot):
    @bot.button("deploy")
    async def deploy(turn: BotTurn, *words: str) -> str:
        return f"{turn.facts.sender}: {words}"

    assert await ask(bot, press_of("deploy:web:now")) == [Text("alice: ('web', 'now')"), End()]
    assert await ask(bot, press_of("deploy")) == [Text("alice: ()"), End()]


async def test_a_press_that_no_handler_takes_is_a_turn(bot: Bot):
    @bot.turn
    async def answer(turn: BotTurn) -> str:
        return f"pressed {turn.pressed}" if turn.pressed is not None else "said"

    assert await ask(bot, press_of("other:1")) == [Text("pressed other:1"), End()]
    assert await ask(bot, turn_of("hi")) == [Text("said"), End()]


async def test_an_operators_button_is_refused_to_others(bot: Bot):
    @bot.button("deploy", operators=True)
    async def deploy(turn: BotTurn) -> str:
        return "done"

    assert await ask(bot, press_of("deploy")) == [Text("This button is for operators."), End()]
    assert await ask(bot, press_of("deploy", sender="boss")) == [Text("done"), End()]
    assert await ask(bot, press_of("deploy:x", sender="boss")) == [
        Text("deploy does not take 1 words."),
        End(),
    ]


async def test_an_operators_command_is_refused_to_others(bot: Bot):
    done: list[str] = []

    @bot.command("deploy", operators=True)
    async def deploy(turn: BotTurn, target: str) -> str:
        done.append(target)
        return "done"

    assert await ask(bot, turn_of("/deploy a")) == [Text("This command is for operators."), End()]
    assert done == []
    assert await ask(bot, turn_of("/deploy a", sender="boss")) == [Text("done"), End()]
    assert done == ["a"]


async def test_a_handler_that_fails_says_nothing_of_itself(caplog: pytest.LogCaptureFixture):
    bot = Bot(CONFIG)

    @bot.turn
    async def answer(turn: BotTurn) -> str:
        if turn.text == "late":
            await turn.reply("partly")
        raise RuntimeError("details for the log")

    with pytest.raises(TolmachError) as caught:
        await ask(bot, turn_of("x"))
    assert "details" not in str(caught.value)
    assert "details for the log" in caplog.text
    assert await ask(bot, turn_of("late")) == [
        Text("partly"),
        End(complete=False, reason="a handler failed: RuntimeError"),
    ]


async def test_stopping_a_turn_cancels_its_handler():
    bot = Bot(CONFIG)
    cancelled = asyncio.Event()

    @bot.turn
    async def answer(turn: BotTurn) -> None:
        await turn.reply("begun")
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    agent = bot._agent_for(bot.plan.accounts[0])
    chunks = agent.answer(turn_of("x"))
    assert await anext(chunks) == Text("begun")
    await chunks.aclose()
    assert cancelled.is_set()


async def test_a_bot_without_handlers_is_a_clear_error():
    with pytest.raises(ConfigError, match=r"no handler"):
        Bot(CONFIG)._agent_for(Bot(CONFIG).plan.accounts[0])


def test_a_wrong_configuration_is_named_without_a_file():
    bot = Bot({"channels": {"rocketchat": {"dmPolicy": "everyone"}}})
    assert any("configuration  channels.rocketchat.dmPolicy" in str(error) for error in bot.plan.errors)


def test_a_bot_needs_no_extra():
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['yaml', 'click', 'rich', 'markdown_it', 'emoji'])); "
        f"from tolmach import Bot; print(Bot({CONFIG!r}).plan.accounts[0].can_run)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("True", "")


def test_a_wrong_configuration_ends_the_program_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tolmach.gateway.logs.start_logging", lambda: None)
    file = tmp_path / "bot.yaml"
    file.write_text(
        "channels:\n  pachca: {token: sentinel-token, webhookSecret: sentinel-sign, dmPolicy: nope}\n"
    )
    with pytest.raises(SystemExit) as ended:
        Bot.from_file(file).run()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "bot.yaml:2  channels.pachca.dmPolicy" in said
    assert "sentinel" not in said
