"""What is a command, and what merely looks like one."""

import pytest

from tolmach.channel import commands


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("!status", "status", ""),
        ("   !status", "status", ""),
        ("@bot !status", "status", ""),
        ("@bot   !status  ", "status", ""),
        ("@BOT, !status", "status", ""),
        ("@bot: !stop", "stop", ""),
        ("!STATUS", "status", ""),
        ("/status", "status", ""),
        ("@bot   /status", "status", ""),
        ("/status: x", "status", "x"),
        ("/status@bot", "status", ""),
        ("/status@BOT now", "status", "now"),
        ("!model provider/name-1", "model", "provider/name-1"),
        ("!model\tx", "model", "x"),
        ("!stop!", "stop", ""),
        ("!foo", "foo", ""),
        ("!foo bar baz", "foo", "bar baz"),
    ],
)
def test_commands(text: str, name: str, argument: str) -> None:
    found = commands.parse(text, "bot")
    assert found == commands.Command(name, argument)


@pytest.mark.parametrize(
    "text",
    [
        "see !status",
        "!",
        "!!",
        "! status",
        "!1",
        "hello",
        "",
        "@botanist !status",
        "@bob !status",
        "/foo",
        "/home/alice/file",
        "/status@otherbot",
        "what is /status?",
        "@bot see !status",
    ],
)
def test_plain_texts(text: str) -> None:
    assert commands.parse(text, "bot") is None


def test_an_unknown_command_is_told_apart() -> None:
    assert not commands.Command("foo").known
    assert all(commands.Command(name).known for name in commands.KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "stop",
        "STOP!",
        "please stop",
        "Please, stop.",
        "abort",
        "interrupt…",
        "стоп",
        "СТОП!",
        "@bot stop",
        "停止",
    ],
)
def test_words_that_mean_stop(text: str) -> None:
    assert commands.is_stop_word(text, "bot")


@pytest.mark.parametrize("text", ["stop the presses", "stopping", "don't stop", "", "!", "non stop"])
def test_words_that_do_not(text: str) -> None:
    assert not commands.is_stop_word(text, "bot")


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("acme/large", "acme/large"),
        ("ACME/Large", "acme/large"),
        ("large", "acme/large"),
        ("`large`", "acme/large"),
        ("small", None),
        ("both", None),
        ("huge", None),
    ],
)
def test_models_are_chosen_by_name_or_alias(wanted: str, chosen: str | None) -> None:
    names = ["acme/large", "acme/both", "other/both"]
    assert commands.choose_model(wanted, names) == chosen


def test_without_a_list_every_model_is_taken() -> None:
    assert commands.choose_model(" anything ", []) == "anything"
