"""Every documented REST operation of the fake Rocket.Chat, over real HTTP, checked both ways."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import cast

import aiohttp
import pytest
from schema_client import CheckedRest, Json

from tolmach_mockservers.rocketchat.call import ROUTES
from tolmach_mockservers.rocketchat.routes import REGISTERED
from tolmach_mockservers.server import Fakes
from tolmach_schemas import operations

ALL = {f"{one.method} {one.path}" for one in operations("rocketchat")}


class Town:
    """The default world with a checked client per person."""

    def __init__(self, fakes: Fakes, session: aiohttp.ClientSession) -> None:
        ready = fakes.ready["rocketchat"]
        self.people = cast("Mapping[str, Mapping[str, str]]", {**ready["people"], "bot": ready["bot"]})
        self.rooms = {name: room["id"] for name, room in ready["rooms"].items()}
        self.nobody = CheckedRest(session, "rocketchat", ready["url"], {})
        self.admin, self.alice, self.bob, self.bot = (
            self.nobody.acting_as(self.headers(name)) for name in ("admin", "alice", "bob", "bot")
        )

    def headers(self, name: str) -> dict[str, str]:
        person = self.people[name]
        return {"X-User-Id": person["id"], "X-Auth-Token": person["token"]}

    def id(self, name: str) -> str:
        return self.people[name]["id"]

    def username(self, name: str) -> str:
        return self.people[name]["username"]


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Fakes(["rocketchat"], seed=7) as fakes, aiohttp.ClientSession() as session:
        yield Town(fakes, session)


def inner(answer: Json, *path: str) -> str:
    at: object = answer
    for step in path:
        at = cast("Json", at)[step]
    return str(at)


async def tour_of_people(town: Town) -> None:
    bob = town.people["bob"]
    by_password = await town.nobody.call("POST login", {"user": bob["username"], "password": bob["password"]})
    digest = hashlib.sha256(bob["password"].encode()).hexdigest()
    hashed = {"digest": digest, "algorithm": "sha-256"}
    await town.nobody.call("POST login", {"username": bob["username"], "password": hashed})
    await town.nobody.call("POST login", {"resume": bob["token"]})
    await town.nobody.call("POST login", {"user": bob["username"], "password": "wrong"}, status=401)
    await town.nobody.call("POST login", {"resume": "dead"}, status=401)
    fresh = {"X-User-Id": bob["id"], "X-Auth-Token": inner(by_password, "data", "authToken")}
    await town.nobody.acting_as(fresh).call("POST logout", {})
    await town.nobody.acting_as(fresh).call("GET me", status=401)
    again = await town.nobody.call("POST login", {"user": bob["username"], "password": bob["password"]})
    fresh["X-Auth-Token"] = inner(again, "data", "authToken")
    await town.nobody.acting_as(fresh).call("GET logout")
    await town.bob.call("GET me")
    await town.nobody.call("GET me", status=401)
    await town.nobody.call("GET /api/info")
    await town.nobody.call("GET /api/v1/info")
    await town.nobody.call("GET settings.public", query={"_id": "Site_Url,Message_MaxAllowedSize"})
    await town.nobody.call("GET settings.public", query={"count": "0"})
    await town.bob.call(
        "POST users.generatePersonalAccessToken", {"tokenName": "two", "bypassTwoFactor": True}
    )
    await town.bob.call("POST users.generatePersonalAccessToken", {"tokenName": "two"}, status=400)
    await town.bob.call("GET users.getPersonalAccessTokens")
    await town.bob.call("POST users.regeneratePersonalAccessToken", {"tokenName": "two"})
    await town.bob.call("POST users.removePersonalAccessToken", {"tokenName": "two"})
    await town.bob.call("POST users.removePersonalAccessToken", {"tokenName": "two"}, status=400)
    await town.bob.call("GET users.info", query={"userId": town.id("alice")})
    await town.bob.call("GET users.info", query={"username": bob["username"], "includeUserRooms": "true"})
    await town.admin.call("GET users.info", query={"username": town.username("bot")})
    await town.bob.call("GET users.info", query={"username": "nobody.at.all"}, status=400)
    await town.bob.call("POST users.setStatus", {"status": "away", "message": "lunch"})
    await town.bob.call("POST users.setStatus", {"status": "gone"}, status=400, fits=False)
    await town.bob.call("GET users.getStatus", query={"username": bob["username"]})
    await town.alice.call("GET users.getStatus", query={"userId": bob["id"]})
    await town.alice.call("POST users.updateOwnBasicInfo", {"data": {"name": "Alice Two", "bio": "hi"}})
    await town.alice.call("GET me")


async def tour_of_rooms(town: Town, family: str, room_id: str) -> None:
    one = {"channels": "channel", "groups": "group"}[family]
    room = {"roomId": room_id}
    made = await town.alice.call(
        f"POST {family}.create", {"name": f"{family}-new", "members": [town.username("bob")]}
    )
    mine = {"roomId": inner(made, one, "_id")}
    await town.alice.call(f"POST {family}.create", {"name": f"{family}-new"}, status=400)
    await town.alice.call(f"POST {family}.create", {"name": "not a name!"}, status=400)
    await town.bob.call(f"GET {family}.info", query=room)
    await town.bob.call(f"GET {family}.info", query={"roomName": f"{family}-new"})
    await town.bob.call(f"GET {family}.info", query={"roomId": "nowhere"}, status=400)
    await town.bob.call(f"GET {family}.info", query={}, status=400, fits=False)
    await town.bob.call(f"GET {family}.list", query={"count": "1", "offset": "0"})
    await town.bob.call(f"GET {family}.members", query={**room, "count": "2", "sort": '{"username":1}'})
    await town.bob.call(
        f"GET {family}.history", query={**room, "count": "10", "inclusive": "true", "unreads": "true"}
    )
    await town.bob.call(f"GET {family}.messages", query={**room, "count": "10"})
    await town.bob.call(f"GET {family}.roles", query=mine)
    await town.alice.call(f"POST {family}.addModerator", {**mine, "userId": town.id("bob")})
    await town.bob.call(f"GET {family}.moderators", query=mine)
    await town.alice.call(f"POST {family}.removeModerator", {**mine, "userId": town.id("bob")})
    await town.alice.call(f"POST {family}.addOwner", {**mine, "userId": town.id("bob")})
    await town.alice.call(f"POST {family}.removeOwner", {**mine, "userId": town.id("bob")})
    await town.alice.call(f"POST {family}.invite", {**mine, "userId": town.id("bot")})
    await town.alice.call(f"POST {family}.kick", {**mine, "userId": town.id("bot")})
    await town.alice.call(f"POST {family}.kick", {**mine, "userId": town.id("bot")}, status=400)
    await town.alice.call(f"POST {family}.rename", {**mine, "name": f"{family}-newer"})
    for field in ("topic", "description", "purpose", "announcement"):
        await town.alice.call(f"POST {family}.set{field.capitalize()}", {**mine, field: "what for"})
    await town.bob.call(f"POST {family}.close", mine)
    await town.bob.call(f"POST {family}.open", mine)
    await town.bob.call(f"POST {family}.leave", mine)
    if family == "channels":
        await town.bob.call("POST channels.join", mine)
        await town.bob.call("GET channels.list.joined")
    await town.alice.call(f"POST {family}.archive", mine)
    await town.alice.call(f"POST {family}.unarchive", mine)
    await town.bob.call(f"POST {family}.kick", {**room, "userId": town.id("alice")}, status=400)


async def tour_of_direct_rooms(town: Town, alias: str) -> None:
    made = await town.alice.call(f"POST {alias}.create", {"username": town.username("bob")})
    room = {"roomId": inner(made, "room", "_id")}
    await town.alice.call("POST chat.postMessage", {"channel": f"@{town.username('bob')}", "text": "just us"})
    await town.bob.call(
        f"POST {alias}.create", {"usernames": f"{town.username('alice')},{town.username('bot')}"}
    )
    await town.bob.call(f"POST {alias}.create", {"username": "nobody.at.all"}, status=400)
    await town.bob.call(f"GET {alias}.list")
    await town.bob.call(f"GET {alias}.members", query=room)
    await town.bob.call(f"GET {alias}.history", query={**room, "count": "5"})
    await town.bob.call(f"GET {alias}.messages", query=room)
    await town.bob.call(f"POST {alias}.setTopic", {**room, "topic": "us"})
    await town.bob.call(f"POST {alias}.close", room)
    await town.bob.call(f"POST {alias}.open", room)


async def tour_of_messages(town: Town) -> None:
    general = town.rooms["general"]
    await town.alice.call("POST chat.postMessage", {"channel": "#general", "text": "one @all #general"})
    await town.alice.call("POST chat.postMessage", {"channel": "#nowhere", "text": "one"}, status=400)
    await town.alice.call("POST chat.postMessage", {"text": "where?"}, status=400, fits=False)
    sent = await town.alice.call(
        "POST chat.sendMessage",
        {
            "message": {
                "rid": general,
                "msg": f"hi @{town.username('bot')} see https://example.org",
                "_id": "f" * 17,
            }
        },
    )
    root = inner(sent, "message", "_id")
    await town.alice.call(
        "POST chat.sendMessage", {"message": {"rid": general, "msg": "x", "t": "uj"}}, status=400, fits=False
    )
    await town.alice.call(
        "POST chat.sendMessage", {"message": {"rid": general, "msg": "x" * 5001}}, status=400
    )
    await town.alice.call("POST chat.sendMessage", {"message": {"rid": "nowhere", "msg": "x"}}, status=400)
    reply = {"message": {"rid": general, "msg": "a reply", "tmid": root, "tshow": True}}
    answer = await town.bob.call("POST chat.sendMessage", reply)
    await town.bob.call("POST chat.react", {"messageId": root, "emoji": ":tada:", "shouldReact": True})
    await town.bob.call("POST chat.react", {"messageId": root, "emoji": "no_such_emoji_at_all"}, status=400)
    await town.bob.call("POST chat.react", {"messageId": "nothing", "emoji": ":tada:"}, status=400)
    await town.alice.call("POST chat.update", {"roomId": general, "msgId": root, "text": "edited"})
    await town.bob.call("POST chat.update", {"roomId": general, "msgId": root, "text": "stolen"}, status=400)
    await town.alice.call(
        "POST chat.update", {"roomId": general, "msgId": "nothing", "text": "x"}, status=400
    )
    await town.admin.call("POST chat.pinMessage", {"messageId": root})
    await town.admin.call("POST chat.pinMessage", {"messageId": root})
    await town.bob.call("GET chat.getPinnedMessages", query={"roomId": general})
    await town.admin.call("POST chat.unPinMessage", {"messageId": root})
    await town.bob.call("GET chat.getMessage", query={"msgId": root})
    await town.bob.call("GET chat.getMessage", query={"msgId": "nothing"}, status=400)
    await town.bob.call("GET chat.getThreadMessages", query={"tmid": root})
    await town.bob.call("GET chat.getThreadsList", query={"rid": general, "count": "5"})
    await town.bob.call("POST chat.delete", {"roomId": general, "msgId": inner(answer, "message", "_id")})
    await town.bob.call("POST chat.delete", {"roomId": general, "msgId": root}, status=400)
    long_ago = "2020-01-01T00:00:00.000Z"
    await town.bob.call("GET chat.syncMessages", query={"roomId": general, "lastUpdate": long_ago})
    for kind in ("UPDATED", "DELETED"):
        query = {"roomId": general, "type": kind, "next": "1", "count": "2"}
        await town.bob.call("GET chat.syncMessages", query=query)
    await town.bob.call(
        "GET chat.syncMessages", query={"roomId": general, "type": "OTHER"}, status=400, fits=False
    )


async def tour_of_memberships(town: Town) -> None:
    general = town.rooms["general"]
    await town.bob.call("GET rooms.info", query={"roomId": general})
    await town.bob.call("GET rooms.info", query={"roomName": "team"})
    await town.bob.call("GET rooms.info", query={"roomId": "nowhere"}, status=400)
    await town.bob.call("GET rooms.get")
    await town.bob.call("GET rooms.get", query={"updatedSince": "2020-01-01T00:00:00.000Z"})
    await town.bob.call("GET rooms.isMember", query={"roomId": general, "userId": town.id("alice")})
    await town.bob.call("GET rooms.nameExists", query={"roomName": "general"})
    await town.bob.call("GET subscriptions.get")
    await town.bob.call("GET subscriptions.get", query={"updatedSince": "2020-01-01T00:00:00.000Z"})
    await town.bob.call("GET subscriptions.getOne", query={"roomId": general})
    await town.bob.call("GET subscriptions.getOne", query={"roomId": "nowhere"})
    await town.bob.call("POST subscriptions.read", {"rid": general})
    frame = {"msg": "method", "method": "getRoomIdByNameOrId", "id": "1", "params": ["general"]}
    await town.bob.call(
        "POST method.call/{method}", {"message": json.dumps(frame)}, at={"method": "getRoomIdByNameOrId"}
    )
    await town.bob.call("POST rooms.leave", {"roomId": general})
    await town.bob.call("GET rooms.get", query={"updatedSince": "2020-01-01T00:00:00.000Z"})
    await town.bob.call("GET subscriptions.get", query={"updatedSince": "2020-01-01T00:00:00.000Z"})


async def test_every_operation_is_as_written(town: Town) -> None:
    await tour_of_messages(town)
    await tour_of_people(town)
    await tour_of_rooms(town, "channels", town.rooms["general"])
    await tour_of_rooms(town, "groups", town.rooms["team"])
    await tour_of_direct_rooms(town, "im")
    await tour_of_direct_rooms(town, "dm")
    await tour_of_memberships(town)
    assert town.nobody.wrong == []
    assert ALL - town.nobody.seen == set(), "written but never called"


def test_nothing_is_routed_that_is_not_written() -> None:
    assert REGISTERED, "importing the routes is what fills the table"
    written = {f"{one.method} {one.name.removesuffix('/{method}')}" for one in operations("rocketchat")}
    assert set(ROUTES) == written


async def test_the_limiter_refuses_as_written() -> None:
    async with Fakes(["rocketchat"], seed=7) as fakes, aiohttp.ClientSession() as session:
        town = Town(fakes, session)
        for _ in range(10):
            await town.bob.call("GET me")
        await town.bob.call("GET me", status=429)
        assert town.nobody.wrong == []
