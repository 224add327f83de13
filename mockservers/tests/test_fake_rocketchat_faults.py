"""What goes wrong on purpose at the fake Rocket.Chat's wires."""

import asyncio
from typing import Any

import aiohttp
import pytest

from tolmach_mockservers.faults import parse_rule

MINE = ("stream-room-messages", "__my_messages__", False)


def _break(rocket: Any, on: dict[str, str], do: dict[str, object], **more: object) -> None:
    rocket.fakes.kernel.faults.add(parse_rule({"fake": "rocketchat", "on": on, "do": do, **more}))


async def _send(rocket: Any, message_id: str) -> None:
    body = {"_id": message_id, "rid": rocket.general, "msg": "x"}
    await rocket.raw("POST", "chat.sendMessage", rocket.bot, body={"message": body})


async def test_a_status_fault_answers_once_in_the_servers_shape(rocket: Any) -> None:
    _break(rocket, {"operation": "me", "actor": rocket.bot["id"]}, {"kind": "status", "status": 503})
    assert (await rocket.raw("GET", "me", rocket.alice))[0] == 200
    status, text, _ = await rocket.raw("GET", "me", rocket.bot)
    assert (status, text) == (503, '{"success":false,"error":"Internal server error"}')
    assert (await rocket.raw("GET", "me", rocket.bot))[0] == 200


async def test_a_rate_limit_fault_hits_also_who_may_bypass_the_real_one(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    _break(rocket, {"operation": "chat.sendMessage"}, {"kind": "rate_limit", "wait": 2.5})
    body = {"message": {"rid": rocket.general, "msg": "x"}}
    status, text, headers = await rocket.raw("POST", "chat.sendMessage", rocket.bot, body=body)
    assert status == 429
    assert "You must wait 3 seconds" in text
    now = int(rocket.fakes.kernel.clock.now() * 1000)
    assert headers["X-RateLimit-Reset"] == str(now + 2500)


@pytest.mark.parametrize(("kind", "stored"), [("cut_before", False), ("cut_after_commit", True)])
async def test_a_cut_connection_tells_nothing_of_the_write(rocket: Any, kind: str, stored: bool) -> None:
    _break(rocket, {"operation": "chat.sendMessage"}, {"kind": kind})
    with pytest.raises(aiohttp.ClientError):
        await _send(rocket, "aaaaaaaaaaaaaaaaa")
    status, _, _ = await rocket.raw("GET", "chat.getMessage", rocket.bot, msgId="aaaaaaaaaaaaaaaaa")
    assert (status == 200) is stored
    (entry,) = [
        each
        for each in rocket.fakes.kernel.journal.search()
        if each.operation == "chat.sendMessage" and each.kind == "http"
    ]
    assert entry.detail["cut"] == ("after" if stored else "before")


async def test_a_delay_waits_on_the_fakes_clock(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    _break(rocket, {"operation": "me"}, {"kind": "delay", "seconds": 30})
    waiting = asyncio.ensure_future(rocket.raw("GET", "me", rocket.bot))
    assert (await rocket.raw("GET", "info"))[0] == 200
    assert not waiting.done()
    rocket.fakes.kernel.clock.advance(30)
    assert (await waiting)[0] == 200


async def test_events_can_be_lost_doubled_and_stripped(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE)
    out = {"operation": "stream-room-messages", "direction": "out", "actor": rocket.bot["id"]}
    _break(rocket, {**out, "text": "lost"}, {"kind": "lose"})
    _break(rocket, {**out, "text": "twice"}, {"kind": "duplicate"})
    _break(rocket, {**out, "text": "bare"}, {"kind": "strip", "field": "u"})
    for text in ("lost", "twice", "bare"):
        await rocket.say(rocket.alice, text)
    first, second, third = [(await ddp.event())[1] for _ in range(3)]
    assert first == second
    assert first[0]["msg"] == "twice"
    assert third[0]["msg"] == "bare"
    assert "u" not in third[0]
    assert third[1]["roomName"] == "general"


async def test_events_can_change_places_and_follow_garbage(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE)
    out = {"operation": "stream-room-messages", "direction": "out"}
    _break(rocket, {**out, "text": "first"}, {"kind": "reorder"})
    _break(rocket, {**out, "text": "third"}, {"kind": "garbage", "text": "{garbage"})
    for text in ("first", "second", "third"):
        await rocket.say(rocket.alice, text)
    assert [(await ddp.event())[1][0]["msg"] for _ in range(2)] == ["second", "first"]
    assert (await ddp.socket.receive(timeout=5)).data == "{garbage"
    assert (await ddp.event())[1][0]["msg"] == "third"


async def test_an_event_can_come_late(rocket: Any) -> None:
    rocket.fakes.kernel.clock.freeze()
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE)
    _break(rocket, {"operation": "stream-room-messages", "direction": "out"}, {"kind": "delay", "seconds": 5})
    await rocket.say(rocket.alice, "late")
    await rocket.say(rocket.alice, "soon")
    assert (await ddp.event())[1][0]["msg"] == "soon"
    rocket.fakes.kernel.clock.advance(5)
    assert (await ddp.event())[1][0]["msg"] == "late"


async def test_methods_and_subscriptions_can_fail_too(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    _break(rocket, {"operation": "sendMessage"}, {"kind": "rate_limit", "wait": 1.5})
    answer = await ddp.call("sendMessage", {"rid": rocket.general, "msg": "x"})
    assert answer["error"]["details"] == {"timeToReset": 1500}
    _break(rocket, {"operation": "stream-room-messages"}, {"kind": "status", "status": 500})
    refused = await ddp.sub(*MINE)
    assert (refused["msg"], refused["error"]["error"]) == ("nosub", 500)
    _break(rocket, {"operation": "sendMessage"}, {"kind": "cut_after_commit"})
    await ddp.send(msg="method", method="sendMessage", id="9", params=[{"rid": rocket.general, "msg": "y"}])
    await ddp.closed()
    page = await rocket.get("channels.messages", rocket.alice, roomId=rocket.general)
    assert [each["msg"] for each in page["messages"]] == ["y"]


async def test_a_websocket_can_be_refused_at_the_door(rocket: Any) -> None:
    _break(rocket, {"operation": "websocket"}, {"kind": "status", "status": 503})
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await rocket.session.ws_connect(rocket.ws)
    assert refused.value.status == 503
    # Twice, because the client itself tries again when a connection that it kept is cut.
    _break(rocket, {"operation": "websocket"}, {"kind": "cut_before"}, count=2)
    with pytest.raises(aiohttp.ClientError):
        await rocket.session.ws_connect(rocket.ws)
    await (await rocket.open()).quiet()


async def test_a_half_open_socket_is_deaf_and_dumb_until_it_heals(rocket: Any) -> None:
    ddp, other = await rocket.open(rocket.bot), await rocket.open(rocket.alice)
    await ddp.sub(*MINE)
    await other.sub(*MINE)
    rocket.fake.half_open(rocket.bot["id"])
    (mine,) = [each for each in rocket.fake.sockets()["sockets"] if each["user_id"] == rocket.bot["id"]]
    assert mine["live"] is False
    await ddp.send(msg="ping", id="lost")
    await rocket.say(rocket.bob, "unheard")
    assert (await other.event())[1][0]["msg"] == "unheard"
    await other.quiet()
    rocket.fake.heal(rocket.bot["id"])
    await rocket.say(rocket.bob, "heard")
    assert (await ddp.event())[1][0]["msg"] == "heard"


async def test_a_client_that_leaves_a_half_open_socket_is_gone_from_the_register(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    rocket.fake.half_open(rocket.bot["id"])
    await ddp.socket.close()
    again = await rocket.open(rocket.bot)
    await again.quiet()
    known = rocket.fake.sockets()
    assert [each["live"] for each in known["sockets"]] == [True]
    assert known["peak"] == {rocket.bot["id"]: 1}


async def test_dropped_sockets_end_and_are_counted(rocket: Any) -> None:
    one, two = await rocket.open(rocket.bot), await rocket.open(rocket.bot)
    assert rocket.fake.sockets()["peak"] == {rocket.bot["id"]: 2}
    assert rocket.fake.drop(rocket.bot["id"]) == 2
    for ddp in (one, two):
        await ddp.closed()
    assert rocket.fake.sockets()["sockets"] == []
    kinds = [each.kind for each in rocket.fakes.kernel.journal.search() if each.kind.startswith("socket.")]
    assert sorted(kinds) == ["socket.close"] * 2 + ["socket.login"] * 2 + ["socket.open"] * 2


async def test_the_hint_about_the_room_can_be_stripped_too(rocket: Any) -> None:
    ddp = await rocket.open(rocket.bot)
    await ddp.sub(*MINE)
    _break(rocket, {"direction": "out"}, {"kind": "strip", "field": "roomType"})
    await rocket.say(rocket.alice, "x")
    assert (await ddp.event())[1][1] == {"roomParticipant": True, "roomName": "general"}


async def test_a_reader_that_is_megabytes_behind_is_cut_off(rocket: Any) -> None:
    await rocket.open(rocket.bot)
    for _ in range(32):
        rocket.fake.inject_frame(rocket.bot["id"], "x" * 1_000_000)
    await rocket.raw("GET", "info")
    assert rocket.fake.sockets()["sockets"] == []
