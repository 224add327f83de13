"""The fake Pachca, driven over raw HTTP: every request, answer and webhook fits the written schemas."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from schema_pachca_client import CheckedPachca, Receiver
from schema_pachca_drive import drive
from schema_pachca_scene import Scene

from tolmach_mockservers.server import Fakes
from tolmach_schemas import operations

KINDS = ("message", "reaction", "button", "view", "chat_member", "company_member", "video_call", "export")


@pytest.fixture
async def fakes() -> AsyncIterator[Fakes]:
    async with Fakes(["pachca", "s3"], strict=True) as running:
        yield running


@pytest.fixture
async def scene(fakes: Fakes) -> AsyncIterator[Scene]:
    ready = fakes.ready["pachca"]
    people, bot = ready["people"], ready["bot"]
    assert fakes.pachca is not None
    fakes.pachca.patch_settings({"rate_limits": False, "export_seconds": 0})
    async with aiohttp.ClientSession() as session, Receiver(bot["webhook_secret"]) as receiver:
        fakes.pachca.set_webhook(bot["id"], receiver.url)
        admin = CheckedPachca(session, ready["url"], people["admin"]["token"])
        yield Scene(
            admin=admin,
            alice=admin.acting_with(people["alice"]["token"]),
            bot=admin.acting_with(bot["token"]),
            bot_id=bot["id"],
            alice_id=people["alice"]["id"],
            bob_id=people["bob"]["id"],
            room=ready["rooms"]["general"]["id"],
            fake=fakes.pachca,
            receiver=receiver,
        )


async def test_every_operation_is_as_it_is_written(scene: Scene, fakes: Fakes) -> None:
    await drive(scene)
    assert scene.admin.wrong == []
    assert scene.receiver.wrong == []
    assert [str(entry.text) for entry in fakes.violations()] == []
    assert {str(one["type"]) for one in scene.receiver.payloads} == {*KINDS}
    assert scene.admin.seen == {f"{one.method} {one.path}" for one in operations("pachca")}


async def test_a_request_outside_the_schema_is_recorded(scene: Scene, fakes: Fakes) -> None:
    wrong = {"message": {"entity_id": scene.room, "content": "нет", "colour": "red"}}
    await scene.alice.call("POST /messages", wrong, status=201)
    assert len(scene.alice.wrong) == 1
    found = {(entry.operation, str(entry.text)) for entry in fakes.violations()}
    assert (
        "POST /messages",
        "POST /messages: body.message: Additional properties are not allowed ('colour' was unexpected)",
    ) in found


async def test_every_refusal_is_as_it_is_written(scene: Scene, fakes: Fakes) -> None:
    alice, bot, nobody = scene.alice, scene.bot, scene.alice.acting_with("nobody")
    text = {"message": {"entity_id": scene.room, "content": "раз"}}
    await nobody.call("GET /profile", status=401)
    await alice.call("GET /audit_events", status=403)
    await bot.call("GET /drafts", status=403)
    await alice.call("GET /messages/{id}", status=404, id=1)
    await alice.call("PUT /chats/{id}", {"chat": {"name": ""}}, status=422, id=scene.room)
    parent = {"message": {"entity_id": scene.room, "content": "x", "parent_message_id": 1}}
    await alice.call("POST /messages", parent, status=422)
    scene.fake.patch_settings({"rate_limits": True, "daily_quota": 1})
    await alice.call("POST /messages", text, status=201)
    await alice.call("POST /messages", text, status=429)
    for status in (200, 200, 200, 200, 200, 429):
        await bot.call("GET /webhooks/events", status=status)
    scene.fake.patch_settings({"paid": False})
    await alice.call("GET /chats", status=402)
    assert scene.alice.wrong == []
    assert [str(entry.text) for entry in fakes.violations()] == []


async def test_a_webhook_outside_the_schema_is_recorded_unless_it_was_made_by_hand(
    scene: Scene, fakes: Fakes
) -> None:
    strange: dict[str, object] = {"type": "message", "event": "teleported"}
    scene.fake.send_event(scene.bot_id, strange)
    assert fakes.violations() == []
    bot = scene.fake.state.tables.users[scene.bot_id]
    scene.fake.delivery.check("message.teleported", strange, bot)
    (found,) = fakes.violations()
    assert (found.operation, found.actor) == ("message.teleported", str(scene.bot_id))
