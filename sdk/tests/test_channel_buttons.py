"""Buttons in neutral words: what an agent may ask for, how a press reads, who may press."""

import json
from dataclasses import replace

import pytest
from channel_words import arrived, dm, room, settings
from fake_platform import FakePlatform, Rig, tool

from tolmach.channel import buttons
from tolmach.channel.buttons import Button, ButtonsError
from tolmach.channel.model import MessageArrived, Press, Sender
from tolmach.errors import NotSent

YES, DOCS = Button("Yes", data="deploy:yes"), Button("Docs", url="https://docs.example.com")
ADMIT: dict[str, object] = {"allowFrom": ["uAlice"], "groups": {"ROOM1": {"users": ["uAlice"]}}}
ASKED = {
    "action": "buttons",
    "text": "Deploy?",
    "buttons": [
        [{"text": "Yes", "data": "deploy:yes"}],
        [{"text": "Docs", "url": "https://docs.example.com"}],
    ],
}


def press(data: str, key: str = "p1", *, place: object = None, by: Sender | None = None) -> MessageArrived:
    event = arrived("", "own1", at=place or dm(), by=by) if by else arrived("", "own1", at=place or dm())
    return MessageArrived(replace(event.message, press=Press(data, key)))


def test_rows_are_read_and_one_row_may_stand_alone() -> None:
    assert buttons.read(ASKED["buttons"]) == ((YES,), (DOCS,))
    assert buttons.read([{"text": "Yes", "data": "deploy:yes"}]) == ((YES,),)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "list of rows"),
        ([], "list of rows"),
        (["Yes"], "an object"),
        ([{"data": "x"}], "needs a text"),
        ([{"text": "Yes"}], "data or url"),
        ([{"text": "Yes", "data": "x", "url": "https://example.com"}], "one of them"),
        ([{"text": "Yes", "data": 1}], "are texts"),
        ([{"text": "Yes", "data": "x", "colour": "red"}], "'colour'"),
    ],
)
def test_a_mistake_is_told(value: object, said: str) -> None:
    with pytest.raises(ButtonsError, match=said):
        buttons.read(value)


def test_where_there_are_none_they_are_numbered() -> None:
    assert buttons.numbered(((YES,), (DOCS,))) == "1. Yes\n2. [Docs](https://docs.example.com)"


def test_a_press_is_one_line_of_bounded_length() -> None:
    assert json.loads(buttons.pressed("line\nbreak", "m1")) == {
        "event": "button_pressed",
        "data": "line\nbreak",
        "message_id": "m1",
    }
    assert len(buttons.pressed("x" * 5000, "m1")) == 2400


async def test_an_agent_posts_buttons_and_hears_the_press_in_the_same_session() -> None:
    async with Rig(settings(**ADMIT)) as it:
        it.agent.answers = [[tool(arguments=json.dumps(ASKED))], ["NO_REPLY"], ["Deploying."]]
        await it.feed(arrived("@bot deploy"))
        assert it.platform.texts[0] == "Deploy?"
        assert it.platform.buttons[0] == ((YES,), (DOCS,))
        result = json.loads(it.agent.turns[1].lines[-1].text)
        assert (result["ok"], result["action"]) == (True, "buttons")
        await it.feed(press("deploy:yes", place=room()))
        pressed = it.agent.turns[2]
        assert pressed.session == it.agent.turns[0].session
        assert pressed.press == Press("deploy:yes", "p1")
        assert '"data": "deploy:yes"' in pressed.lines[-1].text
        assert pressed.lines[-1].text.startswith("Alice")
        assert it.platform.texts[-1] == "Deploying."


async def test_who_may_not_speak_may_not_press() -> None:
    async with Rig(settings(**ADMIT)) as it:
        bob = Sender("uBob", "bob", "Bob", False)
        await it.feed(press("x", place=room(), by=bob), press("y", "p2", by=bob))
        assert it.agent.turns == []
        assert it.platform.sent == []
        assert it.runner.status().drops == {"unauthorized-sender": 1, "dm-unauthorized": 1}


async def test_a_button_may_be_pressed_twice_and_one_press_counts_once() -> None:
    async with Rig(settings(**ADMIT)) as it:
        await it.feed(press("x", "p1"), press("x", "p1"), press("x", "p2"))
        assert [turn.press.key for turn in it.agent.turns if turn.press] == ["p1", "p2"]
        assert {key for _, key, _ in it.seen.rows} == {"p1", "p2"}


async def test_data_that_reads_like_a_command_is_none() -> None:
    async with Rig(settings(**ADMIT, commandAllowFrom=["uAlice"])) as it:
        await it.feed(press("!stop"), press("stop", "p2"))
        assert len(it.agent.turns) == 2


async def test_a_platform_without_buttons_gets_numbered_lines() -> None:
    def without(platform: FakePlatform) -> None:
        platform.has_buttons = False

    async with Rig(settings(**ADMIT), prepare=without) as it:
        it.agent.answers = [[tool(arguments=json.dumps(ASKED))], ["NO_REPLY"]]
        await it.feed(arrived("@bot deploy"))
        assert it.platform.texts[0] == "Deploy?\n\n1. Yes\n2. [Docs](https://docs.example.com)"
        assert it.platform.buttons[0] == ()


async def test_what_the_platform_forbids_is_told_to_the_agent() -> None:
    async with Rig(settings(**ADMIT)) as it:
        it.platform.fail["send"] = [NotSent("buttons: a message has at most 100", field="buttons")]
        it.agent.answers = [[tool(arguments=json.dumps(ASKED))], ["Too many."]]
        await it.feed(arrived("@bot deploy"))
        assert json.loads(it.agent.turns[1].lines[-1].text) == {
            "ok": False,
            "error": "buttons: a message has at most 100",
        }
        assert it.platform.texts == ["Too many."]
