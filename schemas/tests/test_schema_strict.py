"""A strict fake fails closed: what leaves the schemas is recorded, what a fault breaks is not."""

from typing import cast

import aiohttp
from schema_client import CheckedRest, CheckedSocket, Json

from tolmach_mockservers.faults import Do, Rule
from tolmach_mockservers.server import Fakes


async def found(fakes: Fakes) -> list[str]:
    return [str(entry.text) for entry in fakes.violations()]


def client(fakes: Fakes, session: aiohttp.ClientSession, name: str = "bob") -> CheckedRest:
    ready = fakes.ready["rocketchat"]
    person = ready["people"][name]
    return CheckedRest(
        session, "rocketchat", ready["url"], {"X-User-Id": person["id"], "X-Auth-Token": person["token"]}
    )


async def test_a_request_outside_the_schema_is_recorded() -> None:
    async with Fakes(["rocketchat"], strict=True) as fakes, aiohttp.ClientSession() as session:
        bob = client(fakes, session)
        room = fakes.ready["rocketchat"]["rooms"]["general"]["id"]
        await bob.call("POST chat.sendMessage", {"message": {"rid": room, "msg": "fine"}})
        assert await found(fakes) == []
        wrong = {"message": {"rid": room, "msg": "not fine", "colour": "red"}}
        await bob.call("POST chat.sendMessage", wrong, fits=False)
        assert await found(fakes) == [
            "POST /api/v1/chat.sendMessage: body.message: Additional properties are not allowed"
            " ('colour' was unexpected)"
        ]


async def test_a_frame_outside_the_schema_is_recorded() -> None:
    async with Fakes(["rocketchat"], strict=True) as fakes, aiohttp.ClientSession() as session:
        ready = fakes.ready["rocketchat"]
        async with CheckedSocket(session, ready["ws"], []) as socket:
            await socket.connect()
            await socket.method("login", {"resume": ready["bot"]["token"]})
            assert await found(fakes) == []
            await socket.method("stream-notify-room", "typing", "x", fits=False)
            assert [text.split(":")[0] for text in await found(fakes)] == ["websocket"]


async def test_what_a_fault_breaks_is_not_held_against_anybody() -> None:
    async with Fakes(["rocketchat"], strict=True) as fakes, aiohttp.ClientSession() as session:
        ready = fakes.ready["rocketchat"]
        alice, room = ready["people"]["alice"]["id"], ready["rooms"]["general"]["id"]
        strip = Rule("rocketchat", Do("strip", field="u"), operation="stream-room-messages", direction="out")
        fakes.kernel.faults.add(strip)
        fakes.kernel.faults.add(
            Rule("rocketchat", Do("status", status=502, body={"oops": 1}), operation="me")
        )
        async with CheckedSocket(session, ready["ws"], []) as socket:
            await socket.connect()
            await socket.method("login", {"resume": ready["bot"]["token"]})
            await socket.subscribe("stream-room-messages", room)
            assert fakes.rocketchat is not None
            fakes.rocketchat.say(alice, room, "hi", thread_id=None)
            (document,) = await socket.event("stream-room-messages", room)
            assert "u" not in cast("Json", document)
            assert socket.wrong, "the client sees that the frame is broken"
        bob = client(fakes, session)
        await bob.call("GET me", status=502)
        assert await found(fakes) == []
