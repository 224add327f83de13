"""What the API ignores or cannot read is answered as by the vendor, and recorded as a violation."""

from typing import Any

from pachca_desk import Desk


async def opened_by_a_click(pachca: Desk, blocks: list[dict[str, Any]]) -> int:
    message = await pachca.say("bot", pachca.general, buttons=[[{"text": "go", "data": "go"}]])
    trigger = pachca.fake.click(pachca.ids["alice"], message["id"], "go")["trigger_id"]
    body = {"type": "modal", "trigger_id": trigger, "view": {"title": "T", "blocks": blocks}}
    return (await pachca.call("bot", "POST /views/open", body)).status


async def test_unknown_fields_of_buttons_are_ignored_and_recorded(pachca: Desk) -> None:
    sent = await pachca.say(
        "bot",
        pachca.general,
        buttons=[[{"text": "a", "data": "b", "style": "red"}, {"text": "c", "data": "d"}]],
    )
    assert sent["buttons"] == [[{"text": "a", "data": "b"}, {"text": "c", "data": "d"}]]
    await pachca.ok(
        "bot",
        f"PUT /messages/{sent['id']}",
        {"message": {"buttons": [[{"text": "a", "data": "b", "icon": "x"}]]}},
    )
    assert pachca.violations() == [
        "unknown field message.buttons.style in POST /messages",
        "unknown field message.buttons.icon in PUT /messages/{id}",
    ]


async def test_unknown_fields_of_a_form_are_ignored_and_recorded(pachca: Desk) -> None:
    option = {"text": "t", "value": "v", "picked": True}
    blocks = [
        {"type": "input", "name": "n", "label": "L", "rows": 3},
        {"type": "radio", "name": "r", "label": "R", "options": [option]},
    ]
    assert await opened_by_a_click(pachca, blocks) == 201
    assert pachca.violations() == [
        "unknown field view.blocks.0.rows, view.blocks.1.options.picked in POST /views/open"
    ]


async def test_a_form_may_have_no_blocks(pachca: Desk) -> None:
    assert await opened_by_a_click(pachca, []) == 201


async def test_unknown_fields_of_a_preview_are_ignored_and_recorded(pachca: Desk) -> None:
    await pachca.ok(
        "admin", f"PUT /bots/{pachca.ids['bot']}", {"webhook": {"unfurl_domains": ["example.com"]}}
    )
    url = "https://example.com/a"
    message = await pachca.say("alice", pachca.general, url)
    preview = {"title": "t", "description": "d", "footer": "f"}
    path = f"POST /messages/{message['id']}/link_previews"
    assert (await pachca.call("bot", path, {"link_previews": {url: preview}})).status == 204
    assert pachca.violations() == ["unknown field link_previews.footer in POST /messages/{id}/link_previews"]


async def test_a_body_that_is_no_object_is_400_and_recorded(pachca: Desk) -> None:
    kind = {"Content-Type": "application/json"}
    for raw in (b"{", b"[1]", b"\xff"):
        got = await pachca.call("alice", "POST /messages", data=raw, headers=kind)
        assert (got.status, got.body["errors"][0]["code"]) == (400, "invalid")
    assert pachca.violations() == ["the body of POST /messages is no JSON object"] * 3
