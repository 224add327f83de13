"""Buttons and forms of the fake Pachca: triggers of 3 s, blocks, both ways to answer."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from pachca_desk import Desk, Receiver

from tolmach_mockservers.refusal import RefusalError

BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": "Trip"},
    {"type": "input", "name": "city", "label": "City", "initial_value": "Tver"},
    {
        "type": "select",
        "name": "by",
        "label": "By",
        "options": [{"text": "Train", "value": "train", "selected": True}, {"text": "Car", "value": "car"}],
    },
    {"type": "checkbox", "name": "with", "label": "With", "options": [{"text": "Dog", "value": "dog"}]},
    {"type": "date", "name": "day", "label": "Day"},
    {"type": "file_input", "name": "papers", "label": "Papers"},
]


async def clicked(pachca: Desk, who: str = "alice") -> str:
    rows = [[{"text": "Plan", "data": "plan"}]]
    sent = await pachca.say("bot", pachca.general, "press", buttons=rows)
    return str(pachca.fake.click(pachca.ids[who], sent["id"], "plan")["trigger_id"])


def form(trigger: str, blocks: Any = BLOCKS, **extra: Any) -> dict[str, Any]:
    return {"type": "modal", "trigger_id": trigger, "view": {"title": "Trip", "blocks": blocks}, **extra}


async def test_a_click_tells_the_bot_and_opens_one_form(pachca: Desk, receiver: Receiver) -> None:
    trigger = await clicked(pachca)
    payload = (await receiver.next("button")).payload
    assert (payload["event"], payload["trigger_id"], payload["data"]) == ("click", trigger, "plan")
    assert (payload["user_id"], payload["chat_id"]) == (pachca.ids["alice"], pachca.general)
    got = await pachca.call("bot", "POST /views/open", form(trigger))
    assert (got.status, got.body) == (201, "")
    assert await pachca.refused("bot", "POST /views/open", form(trigger)) == (
        410,
        "trigger_id",
        "trigger_expired",
    )
    assert (await pachca.refused("bot", "POST /views/open", form("x")))[2] == "trigger_not_found"
    assert (await pachca.refused("alice", "POST /views/open", form(trigger)))[0] == 403


async def test_buttons_of_a_person_do_nothing(pachca: Desk) -> None:
    sent = await pachca.say("alice", pachca.general, buttons=[[{"text": "Plan", "data": "plan"}]])
    assert sent["buttons"] == [[{"text": "Plan", "data": "plan"}]]
    with pytest.raises(RefusalError, match="not_applicable"):
        pachca.fake.click(pachca.ids["bob"], sent["id"], "plan")


async def test_a_trigger_lives_three_seconds(pachca: Desk) -> None:
    clock = pachca.fakes.kernel.clock
    clock.freeze()
    trigger = await clicked(pachca)
    clock.advance(3.0)
    assert (await pachca.call("bot", "POST /views/open", form(trigger))).status == 201
    trigger = await clicked(pachca)
    clock.advance(3.1)
    assert (await pachca.refused("bot", "POST /views/open", form(trigger)))[0] == 410


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ({"type": "slider", "name": "a", "label": "A"}, "inclusion"),
        ({"type": "header", "text": "x" * 151}, "too_long"),
        ({"type": "input", "label": "A"}, "blank"),
        ({"type": "input", "name": "a", "label": "A", "max_length": 3001}, "inclusion"),
        ({"type": "select", "name": "a", "label": "A", "options": []}, "blank"),
        (
            {"type": "radio", "name": "a", "label": "A", "options": [{"text": "t", "value": "v"}] * 21},
            "too_long",
        ),
        ({"type": "date", "name": "a", "label": "A", "initial_date": "tomorrow"}, "invalid"),
        ({"type": "time", "name": "a", "label": "A", "initial_time": "25:00"}, "invalid"),
        ({"type": "file_input", "name": "a", "label": "A", "max_files": 11}, "inclusion"),
    ],
)
async def test_blocks_have_limits(pachca: Desk, block: dict[str, Any], code: str) -> None:
    trigger = await clicked(pachca)
    refused = await pachca.refused("bot", "POST /views/open", form(trigger, [block]))
    assert (refused[0], refused[2]) == (422, code)
    assert refused[1].startswith("view.blocks.0.")


async def test_a_submission_is_answered_with_field_errors_and_then_closed(
    pachca: Desk, receiver: Receiver
) -> None:
    trigger = await clicked(pachca)
    opened = form(trigger, callback_id="trip", private_metadata="{}")
    assert (await pachca.call("bot", "POST /views/open", opened)).status == 201
    await receiver.next("button")
    receiver.answer = lambda: web.json_response({"errors": {"city": "Where is that?"}}, status=400)
    alice = pachca.ids["alice"]
    seen: Any = await pachca.fake.submit(alice, {"city": "Atlantis"}, view_id=None, trigger_id=trigger)
    assert (seen["outcome"], seen["errors"]) == ("errors", {"city": "Where is that?"})
    payload = (await receiver.next("view")).payload
    assert payload["data"] == {"city": "Atlantis", "by": "train", "with": [], "day": None, "papers": []}
    assert (payload["callback_id"], payload["private_metadata"]) == ("trip", "{}")
    receiver.answer = lambda: web.Response(status=500)
    assert (await pachca.fake.submit(alice, {}, view_id=seen["view_id"], trigger_id=None))[
        "outcome"
    ] == "failed"
    receiver.answer = lambda: web.Response(text="ignored")
    assert (await pachca.fake.submit(alice, {}, view_id=None, trigger_id=None))["outcome"] == "closed"


LIMITED: list[dict[str, Any]] = [
    {"type": "input", "name": "city", "label": "City", "required": True, "min_length": 2, "max_length": 4},
    {"type": "radio", "name": "by", "label": "By", "options": [{"text": "Car", "value": "car"}]},
    {"type": "checkbox", "name": "with", "label": "With", "options": [{"text": "Dog", "value": "dog"}]},
    {"type": "date", "name": "day", "label": "Day"},
    {"type": "time", "name": "at", "label": "At"},
    {"type": "file_input", "name": "papers", "label": "Papers", "max_files": 1},
]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"city": ""},
        {"city": "A"},
        {"city": "Abcde"},
        {"city": 5},
        {"city": "Tver", "town": "Tver"},
        {"city": "Tver", "by": "train"},
        {"city": "Tver", "with": ["cat"]},
        {"city": "Tver", "with": "dog"},
        {"city": "Tver", "day": "tomorrow"},
        {"city": "Tver", "at": "25:00"},
        {"city": "Tver", "papers": [{}, {}]},
    ],
    ids=str,
)
async def test_nobody_submits_what_the_application_would_not_let_through(
    pachca: Desk, data: dict[str, Any]
) -> None:
    trigger = await clicked(pachca)
    await pachca.call("bot", "POST /views/open", form(trigger, LIMITED))
    with pytest.raises(RefusalError) as refused:
        await pachca.fake.submit(pachca.ids["alice"], data, view_id=None, trigger_id=trigger)
    assert refused.value.field == "data"
    events = await pachca.ok("bot", "GET /webhooks/events")
    assert "view_submit" not in [each["event_type"] for each in events]


async def test_what_fits_every_field_is_submitted(pachca: Desk, receiver: Receiver) -> None:
    trigger = await clicked(pachca)
    await pachca.call("bot", "POST /views/open", form(trigger, LIMITED))
    file = {"name": "a.pdf", "size": 3, "url": "https://example.com/a.pdf"}
    data = {
        "city": "Tver",
        "by": "car",
        "with": ["dog"],
        "day": "2026-12-01",
        "at": "09:30",
        "papers": [file],
    }
    seen: Any = await pachca.fake.submit(pachca.ids["alice"], data, view_id=None, trigger_id=trigger)
    assert seen["outcome"] == "closed"
    assert (await receiver.next("view")).payload["data"] == data


async def test_a_submission_waits_three_seconds(pachca: Desk, receiver: Receiver) -> None:
    trigger = await clicked(pachca)
    await pachca.call("bot", "POST /views/open", form(trigger))
    await receiver.next("button")
    receiver.hold = asyncio.Event()
    pachca.fakes.kernel.clock.freeze()
    submitting = asyncio.create_task(
        pachca.fake.submit(pachca.ids["alice"], {}, view_id=None, trigger_id=trigger)
    )
    await receiver.next("view")
    pachca.fakes.kernel.clock.advance(3.0)
    assert (await submitting)["outcome"] == "failed"


async def test_a_bot_without_a_url_answers_by_the_api_once_and_in_time(pachca: Desk) -> None:
    clock = pachca.fakes.kernel.clock
    clock.freeze()

    async def submitted() -> tuple[Any, Any]:
        alice = pachca.ids["alice"]
        waiting = asyncio.create_task(pachca.fake.submit(alice, {}, view_id=None, trigger_id=None))
        await asyncio.sleep(0)
        return waiting, (await pachca.ok("bot", "GET /webhooks/events"))[0]["payload"]

    trigger = await clicked(pachca)
    await pachca.call("bot", "POST /views/open", form(trigger))
    waiting, payload = await submitted()
    path = f"POST /views/{payload['view_id']}/submit_response"
    answer = {"submit_id": payload["submit_id"], "errors": {"city": "no"}}
    assert await pachca.ok("bot", path, answer) == {"success": True}
    assert (await waiting)["errors"] == {"city": "no"}
    assert await pachca.refused("bot", path, answer) == (410, "submit_id", "submit_expired")
    waiting, payload = await submitted()
    clock.advance(5.0)
    assert (await waiting)["outcome"] == "failed"
    late = {"submit_id": payload["submit_id"]}
    assert (await pachca.refused("bot", path, late))[0] == 410
    assert (await pachca.refused("bot", "POST /views/nowhere/submit_response", late))[2] == "view_not_found"
