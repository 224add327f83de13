"""How Markdown that went through the API of the fake Pachca reads back."""

import pytest
from pachca_desk import Desk

from tolmach_mockservers.pachca.markdown import as_read_back


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("# Title", "**Title**"),
        ("### Title ###\ntext", "**Title**\ntext"),
        ("# **Title**", "**Title**"),
        ("#hashtag", "#hashtag"),
        ("> quoted\n>> deeper\nafter", "quoted\ndeeper\nafter"),
        ("a > b", "a > b"),
        ("see ![a cat](https://e.org/c.png)!", "see [a cat](https://e.org/c.png)!"),
        ("`![a](b)` and ![a](b)", "`![a](b)` and [a](b)"),
        ("```sh\n# comment\n> out\n```\n# T", "```sh\n# comment\n> out\n```\n**T**"),
        ("- one\n- two\n1. three", "- one\n- two\n1. three"),
        ("**b** __b__ *i* _i_ ~~s~~", "**b** __b__ *i* _i_ ~~s~~"),
    ],
)
def test_what_is_not_understood_is_rewritten_and_code_is_not(sent: str, shown: str) -> None:
    assert as_read_back(sent) == shown


async def test_bots_and_readers_see_what_the_platform_understood(pachca: Desk) -> None:
    sent = await pachca.say("alice", pachca.general, "# Plan\n> old")
    assert sent["content"] == "**Plan**\nold"
    body = {"message": {"content": "> new"}}
    assert (await pachca.ok("alice", f"PUT /messages/{sent['id']}", body))["content"] == "new"
    history = await pachca.ok("bot", "GET /webhooks/events")
    assert [each["payload"]["content"] for each in history] == ["new", "**Plan**\nold"]


async def test_a_quote_that_a_person_wrote_in_the_application_stays(pachca: Desk) -> None:
    said = pachca.fake.say(pachca.ids["alice"], pachca.general, "> quoted\nanswer")
    seen = await pachca.ok("bot", f"GET /messages/{said['message_id']}")
    assert seen["content"] == "> quoted\nanswer"
