"""What only bots do: buttons, forms, the history of events, their own settings.

What it is for: the part of the walk over the API that needs somebody to press and to fill in. What it must
not do: judge behaviour beyond what it needs to go on.
"""

import asyncio
from typing import cast

from schema_client import Json
from schema_pachca_scene import DAY, Scene

from tolmach_mockservers.pachca.calls import Given

__all__ = ["calls", "form_without_address", "forms", "own_settings"]


def form(trigger: object) -> Json:
    """Return the request that opens a form."""
    view = {
        "title": "Отпуск",
        "blocks": [
            {"type": "header", "text": "Когда?"},
            {"type": "date", "name": "day", "label": "День", "required": True},
            {"type": "time", "name": "hour", "label": "Час", "initial_time": "10:00"},
            {"type": "input", "name": "why", "label": "Зачем", "max_length": 100, "multiline": True},
            {"type": "divider"},
            {"type": "select", "name": "kind", "label": "Вид", "options": [{"text": "Год", "value": "y"}]},
            {"type": "radio", "name": "paid", "label": "Оплата", "options": [{"text": "Да", "value": "1"}]},
            {"type": "checkbox", "name": "who", "label": "Кто", "options": [{"text": "Я", "value": "me"}]},
            {"type": "file_input", "name": "doc", "label": "Заявление", "filetypes": ["pdf"], "max_files": 1},
        ],
    }
    return {"type": "modal", "trigger_id": trigger, "callback_id": "off", "view": view}


async def offer(scene: Scene) -> int:
    """Send a message with a button."""
    buttons = {"entity_id": scene.room, "content": "Отпуск?", "buttons": [[{"text": "Да", "data": "yes"}]]}
    return cast("int", (await scene.bot.data("POST /messages", {"message": buttons}, status=201))["id"])


async def forms(scene: Scene) -> None:
    """Press a button, open a form, submit it to the bot's address."""
    scene.fake.click(scene.alice_id, await offer(scene), "yes")
    click = await scene.receiver.wait("button", "click")
    await scene.bot.call("POST /views/open", form(click["trigger_id"]), status=201)
    await scene.bot.call("POST /views/open", form(click["trigger_id"]), status=410)
    filled = {"day": DAY, "kind": "y", "who": ["me"]}
    seen = await scene.fake.submit(scene.alice_id, filled, view_id=None, trigger_id=None)
    assert seen["outcome"] == "closed"
    submitted = await scene.receiver.wait("view", "submit")
    late = {"submit_id": submitted["submit_id"], "errors": {"day": "занято"}}
    place = submitted["view_id"]
    await scene.bot.call("POST /views/{view_id}/submit_response", late, status=410, view_id=place)


async def form_without_address(scene: Scene) -> None:
    """Submit a form to a bot that reads its history and answers by the API."""
    scene.fake.set_webhook(scene.bot_id, None)
    trigger = scene.fake.click(scene.alice_id, await offer(scene), "yes")["trigger_id"]
    await scene.bot.call("POST /views/open", form(trigger), status=201)
    submitting = asyncio.create_task(
        scene.fake.submit(scene.alice_id, {"day": DAY}, view_id=None, trigger_id=str(trigger))
    )
    await asyncio.sleep(0)
    (event,) = await history(scene, 1)
    assert event["event_type"] == "view_submit"
    submitted = cast("Json", event["payload"])
    answer = {"submit_id": submitted["submit_id"]}
    place = submitted["view_id"]
    await scene.bot.call("POST /views/{view_id}/submit_response", answer, view_id=place)
    assert (await submitting)["outcome"] == "closed"


async def history(scene: Scene, count: int) -> list[Json]:
    """Return the newest events that are kept for the bot."""
    answer = await scene.bot.call("GET /webhooks/events", query={"limit": str(count)})
    return cast("list[Json]", answer["data"])


async def calls(scene: Scene) -> None:
    """Hold a call that is recorded."""
    people = (scene.alice_id, scene.bob_id)
    scene.fake.call(Given(scene.room, scene.alice_id, people, seconds=60, recording=True))
    await scene.receiver.wait("video_call", "recording_ready")


async def own_settings(scene: Scene) -> None:
    """What a bot changes of itself, and the events that are kept for it."""
    bot = scene.bot
    for event in await history(scene, 50):
        await bot.call("DELETE /webhooks/events/{id}", status=204, id=event["id"])
    await bot.data("PUT /bot/webhook", {"webhook": {"outgoing_url": ""}})
    await bot.data("POST /bot/recreate_token")
    await bot.call("GET /profile", status=401)
