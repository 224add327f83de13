"""Every operation of the control API for the fake Pachca, checked both ways."""

from collections.abc import AsyncIterator
from typing import cast

import aiohttp
import pytest
from schema_client import CheckedRest, Json
from schema_pachca_bots import form, offer
from schema_pachca_client import CheckedPachca, Receiver
from schema_pachca_scene import Scene

from tolmach_mockservers.server import Fakes
from tolmach_schemas import operations

ALL = {f"{one.method} {one.path}" for one in operations("control") if one.path.startswith("/pachca")}


@pytest.fixture
async def fakes() -> AsyncIterator[Fakes]:
    async with Fakes(["pachca"], seed=5, strict=True) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


async def test_every_operation_is_as_written(fakes: Fakes, session: aiohttp.ClientSession) -> None:
    where, ready = fakes.ready["control"], fakes.ready["pachca"]
    control = CheckedRest(session, "control", where["url"], {"Authorization": f"Bearer {where['token']}"})
    assert fakes.pachca is not None
    people, bot, room = ready["people"], ready["bot"], ready["rooms"]["general"]["id"]
    alice, bob = people["alice"]["id"], people["bob"]["id"]
    admin = CheckedPachca(session, ready["url"], people["admin"]["token"])
    async with Receiver(bot["webhook_secret"]) as receiver:
        scene = Scene(
            admin=admin,
            alice=admin.acting_with(people["alice"]["token"]),
            bot=admin.acting_with(bot["token"]),
            bot_id=bot["id"],
            alice_id=alice,
            bob_id=bob,
            room=room,
            fake=fakes.pachca,
            receiver=receiver,
        )
        await control.call("POST /pachca/webhook", {"bot_id": bot["id"], "url": receiver.url})
        await control.call("GET /world")
        await control.call("PATCH /pachca/settings", {"rate_limits": False, "export_seconds": 0})
        await control.call("PATCH /pachca/settings", {"colour": "red"}, status=400, fits=False)
        await people_act(control, room, alice)
        await bots_answer(control, scene)
    await control.call("POST /pachca/tokens/revoke", {"user_id": bob})
    assert control.wrong == []
    assert admin.wrong == []
    assert receiver.wrong == []
    assert [str(entry.text) for entry in fakes.violations()] == []
    assert ALL - control.seen == set(), "written but never called"


async def people_act(control: CheckedRest, room: int, alice: int) -> None:
    """Make people and rooms, and act by hand."""
    vera = await control.call("POST /pachca/people", {"name": "Вера Ключ", "username": "vera"})
    await control.call("POST /pachca/people", {"username": "vera"}, status=409)
    await control.call("POST /pachca/people", {"kind": "robot"}, status=400, fits=False)
    for kind in ("bot", "admin", "guest"):
        await control.call("POST /pachca/people", {"kind": kind})
    made = {"name": "Проба", "kind": "private", "members": [alice, vera["id"]]}
    other = await control.call("POST /pachca/rooms", made)
    await control.call("POST /pachca/rooms", {"kind": "direct", "members": [alice, vera["id"]]})
    await control.call("POST /pachca/rooms", {"kind": "public"}, status=400)
    await control.call("GET /pachca")
    act, at = "POST /pachca/people/{id}/", {"id": str(alice)}
    said = (await control.call(f"{act}say", {"room_id": room, "text": "раз"}, at=at))["message_id"]
    await control.call(f"{act}say", {"room_id": room, "text": "два", "thread_id": said}, at=at)
    await control.call(f"{act}edit", {"message_id": said, "text": "три"}, at=at)
    await control.call(f"{act}react", {"message_id": said, "emoji": "👍", "add": True}, at=at)
    await control.call(f"{act}react", {"message_id": said, "emoji": "👍", "add": False}, at=at)
    await control.call(f"{act}read", {"room_id": room}, at=at)
    await control.call(f"{act}forward", {"message_id": said, "room_id": other["id"]}, at=at)
    await control.call("POST /pachca/redeliver", {"message_id": said, "event": "new", "times": 2})
    await control.call(f"{act}delete", {"message_id": said}, at=at)
    await control.call(f"{act}delete", {"message_id": 1}, at=at, status=404)
    await control.call(f"{act}say", {"room_id": room, "text": "x"}, at={"id": "nobody"}, status=404)
    await control.call(
        "POST /pachca/properties", {"name": "Этаж", "data_type": "number", "entity_type": "User"}
    )
    call = {"room_id": room, "members": [alice], "seconds": 5, "recording": True, "finished": True}
    await control.call("POST /pachca/calls", call)


async def bots_answer(control: CheckedRest, scene: Scene) -> None:
    """Press, open, submit; agree; send a payload by hand; read what went out."""
    click = {"user_id": scene.alice_id, "message_id": await offer(scene), "data": "yes"}
    await control.call("POST /pachca/clicks", {**click, "data": "no"}, status=409)
    trigger = (await control.call("POST /pachca/clicks", click))["trigger_id"]
    await scene.bot.call("POST /views/open", form(trigger), status=201)
    opened = cast("list[Json]", (await control.call("GET /pachca/forms"))["views"])
    filled = {"user_id": scene.alice_id, "view_id": opened[0]["view_id"], "data": {"day": "2026-11-20"}}
    await control.call("POST /pachca/forms/submit", filled)
    await control.call("POST /pachca/forms/submit", {**filled, "view_id": "none"}, status=404)
    back = "https://example.org/back"
    wanted = {"webhook": {"name": "Вход", "nickname": "login_bot"}, "oauth_client": {"redirect_uris": [back]}}
    made = await scene.admin.data("POST /bots", wanted, status=201)
    client = cast("Json", made["oauth_client"])["client_id"]
    agreed = {"user_id": scene.alice_id, "client_id": client, "redirect_uri": back}
    await control.call("POST /pachca/oauth/authorize", agreed)
    notice = {"type": "export", "event": "ready", "export_id": 1, "created_at": "2026-11-20T12:33:58Z"}
    await control.call("POST /pachca/events", {"bot_id": scene.bot_id, "payload": notice})
    await scene.receiver.wait("export", "ready")
    await control.call("GET /pachca/deliveries")
    journal = await control.call("GET /journal", query={"kind": "webhook.out"})
    assert journal["entries"]
