"""The realtime client against the fake Rocket.Chat, over real sockets."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import cast

import aiohttp
import pytest
from realtime_ears import Ears, client_of
from realtime_stub import ManualClock, until

from tolmach.errors import Unauthorized
from tolmach.rocketchat import RocketChat
from tolmach.rocketchat.events import (
    MemberAdded,
    MemberRemoved,
    MessageDeleted,
    MessageEdited,
    MessageNew,
    Pinned,
    ReactionAdded,
    ReactionRemoved,
    RoomRenamed,
    SubscriptionAdded,
    SubscriptionRemoved,
    SystemMessage,
    ThreadUpdated,
    Unpinned,
)
from tolmach_mockservers.server import Fakes


class World:
    """The fakes' default world: the bot under a hand-moved clock, and people."""

    def __init__(self, stack: AsyncExitStack, fakes: Fakes, http: aiohttp.ClientSession) -> None:
        self._stack = stack
        self._http = http
        self._control = cast("dict[str, str]", fakes.ready["control"])
        self._platform = cast("dict[str, object]", fakes.ready["rocketchat"])
        self.url = cast("str", self._platform["url"])
        self.clock = ManualClock()
        rooms = cast("dict[str, dict[str, str]]", self._platform["rooms"])
        self.general, self.team = rooms["general"]["id"], rooms["team"]["id"]
        self.bot_id = self._person("bot")["id"]

    def _person(self, name: str) -> dict[str, str]:
        people = cast("dict[str, dict[str, str]]", self._platform["people"])
        return cast("dict[str, str]", self._platform["bot"]) if name == "bot" else people[name]

    async def bot(self) -> RocketChat:
        person = self._person("bot")
        return await self._stack.enter_async_context(
            client_of(self.url, person["id"], person["token"], self.clock)
        )

    async def person(self, name: str) -> RocketChat:
        person = self._person(name)
        return await self._stack.enter_async_context(
            RocketChat(self.url, user_id=person["id"], token=person["token"], insecure=True)
        )

    async def control(self, path: str, verb: str = "", **body: object) -> Mapping[str, object]:
        headers = {"Authorization": f"Bearer {self._control['token']}"}
        verb = verb or ("POST" if body else "GET")
        async with self._http.request(
            verb, self._control["url"] + path, json=body or None, headers=headers
        ) as answer:
            assert answer.status < 300, await answer.text()
            return cast("Mapping[str, object]", await answer.json())


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        fakes = await stack.enter_async_context(Fakes(["rocketchat"]))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        world = World(stack, fakes, http)
        # The people write faster than ten times a minute here.
        await world.control("/rocketchat/settings", "PATCH", rate_limits=False)
        yield world


async def test_a_day_in_a_room_is_told_in_typed_changes(world: World) -> None:
    bot, alice, admin = await world.bot(), await world.person("alice"), await world.person("admin")
    ears = Ears(bot)
    await bot.realtime.start()
    await until(lambda: ears.listening)
    root = await alice.chat.send(world.general, "hello @tolmach.bot")
    await alice.chat.update(world.general, root.id, "hello again @tolmach.bot")
    await alice.chat.react(root.id, ":tada:", add=True)
    await alice.chat.react(root.id, ":tada:", add=False)
    await alice.chat.send(world.general, "a reply", thread=root)
    await admin.chat.pin(root.id)
    await admin.chat.unpin(root.id)
    gone = await alice.chat.send(world.general, "gone soon")
    await until(lambda: ears.texts()[-1:] == ["gone soon"])
    await alice.chat.delete(world.general, gone.id)
    await bot.chat.react(root.id, ":eyes:", add=True)
    await until(lambda: isinstance(ears.heard[-1], ReactionAdded) and ears.heard[-1].own)
    assert [type(change) for change in ears.heard] == [
        MessageNew,
        MessageEdited,
        ReactionAdded,
        ReactionRemoved,
        MessageNew,
        ThreadUpdated,
        Pinned,
        Unpinned,
        MessageNew,
        MessageDeleted,
        ReactionAdded,
    ]
    first = ears.heard[0]
    assert isinstance(first, MessageNew)
    assert world.bot_id in first.message.mentions
    assert first.room is not None
    assert (first.room.kind, first.room.name, first.room.participant) == ("c", "general", True)
    pin = ears.heard[6]
    assert isinstance(pin, Pinned)
    assert pin.original is not None
    assert pin.original.id == root.id


async def test_a_new_room_is_followed_from_its_first_to_its_last_moment(world: World) -> None:
    bot, alice, bob = await world.bot(), await world.person("alice"), await world.person("bob")
    ears = Ears(bot)
    await bot.realtime.start()
    await until(lambda: ears.listening)
    room = await alice.groups.create("secret", members=["tolmach.bot"])
    await until(lambda: ears.heard)
    assert isinstance(ears.heard[0], SubscriptionAdded)
    ears.heard.clear()
    said = await alice.chat.send(room.id, "in here")
    await until(lambda: ears.texts() == ["in here"])
    await alice.groups.invite(room.id, bob.me.id)
    await alice.groups.kick(room.id, bob.me.id)
    await alice.groups.rename(room.id, "secret-two")
    await alice.chat.delete(room.id, said.id)
    await alice.groups.kick(room.id, world.bot_id)
    await until(lambda: isinstance(ears.heard[-1], SubscriptionRemoved))
    words = [type(change) for change in ears.heard if not isinstance(change, SystemMessage)]
    assert words[:5] == [MessageNew, MemberAdded, MemberRemoved, RoomRenamed, MessageDeleted]
    count = len(ears.heard)
    await alice.chat.send(room.id, "without the bot")
    await alice.chat.send(world.general, "sentinel")
    await until(lambda: ears.texts()[-1:] == ["sentinel"])
    assert len(ears.heard) == count + 1


async def test_twenty_drops_lose_nothing_and_never_make_two_sockets(world: World) -> None:
    bot, alice = await world.bot(), await world.person("alice")
    ears = Ears(bot)
    await bot.realtime.start()
    await until(lambda: ears.listening)
    for n in range(20):
        await alice.chat.send(world.general, f"live {n}")
        await until(lambda: ears.texts()[-1:] == [f"live {n}"])  # noqa: B023 - called before n moves on
        await world.control("/rocketchat/sockets/drop", user_id=world.bot_id)
        await until(lambda: not bot.connection.connected)
        await alice.chat.send(world.general, f"gap {n}")
        await until(lambda: 2.0 in world.clock.due())
        await world.clock.advance(2.0)
        await until(lambda: ears.texts()[-1:] == [f"gap {n}"])  # noqa: B023 - as above
    assert ears.texts() == [f"{kind} {n}" for n in range(20) for kind in ("live", "gap")]
    sockets = await world.control("/rocketchat/sockets")
    assert cast("dict[str, int]", sockets["peak"])[world.bot_id] == 1


async def test_a_half_open_socket_is_replaced_and_the_gap_filled(world: World) -> None:
    bot, alice = await world.bot(), await world.person("alice")
    ears = Ears(bot)
    await bot.realtime.start()
    await until(lambda: ears.listening)
    await world.control("/rocketchat/sockets/half-open", user_id=world.bot_id)
    await alice.chat.send(world.team, "into the void")
    await until(lambda: 15.0 in world.clock.due())
    await world.clock.advance(15.0)
    await until(lambda: 15.0 in world.clock.due())
    await world.clock.advance(15.0)
    await until(lambda: not bot.connection.connected)
    await until(lambda: 2.0 in world.clock.due())
    await world.clock.advance(2.0)
    await until(lambda: ears.texts() == ["into the void"])
    assert bot.connection.connected


async def test_a_revoked_token_streams_on_until_the_probe(world: World) -> None:
    bot, alice = await world.bot(), await world.person("alice")
    ears = Ears(bot)
    await bot.realtime.start()
    await until(lambda: ears.listening)
    await world.control("/rocketchat/tokens/revoke", user_id=world.bot_id)
    await alice.chat.send(world.general, "still heard")
    await until(lambda: ears.texts() == ["still heard"])
    await world.clock.advance(240.0)
    await until(lambda: ears.ended)
    assert isinstance(ears.error, Unauthorized)
    assert bot.connection.lifecycle == "blocked"


@pytest.mark.parametrize("do", ["duplicate", "reorder", "garbage", "strip"])
async def test_frame_faults_double_nothing_and_stop_nothing(world: World, do: str) -> None:
    bot, alice = await world.bot(), await world.person("alice")
    ears = Ears(bot)
    await bot.realtime.start()
    await until(lambda: ears.listening)
    what: dict[str, object] = {"kind": do, "text": "{{{"} if do == "garbage" else {"kind": do}
    if do == "strip":
        what["field"] = "u"
    where = {"operation": "stream-room-messages", "direction": "out", "actor": world.bot_id}
    await world.control("/faults", fake="rocketchat", on=where, do=what)
    for text in ("one", "two", "three"):
        await alice.chat.send(world.general, text)
    await until(lambda: "three" in ears.texts())
    heard = ["two", "three"] if do == "strip" else ["one", "two", "three"]
    assert sorted(ears.texts()) == sorted(heard)
    assert bot.connection.connected


async def test_typing_is_seen_by_the_fake(world: World) -> None:
    bot = await world.bot()
    await bot.typing(world.general, on=True)
    await bot.typing(world.general, on=False)
    journal = await world.control("/journal?kind=typing")
    shown = [
        cast("dict[str, object]", entry["detail"])["on"]
        for entry in cast("list[dict[str, object]]", journal["entries"])
    ]
    assert shown == [True, False]
