"""The adapter against the fake server: what people do becomes events, what the bot does arrives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TypeVar

import pytest

from tolmach.adapters.rocketchat import RocketChatPlatform
from tolmach.channel.model import (
    Address,
    ChatKind,
    Event,
    MemberChanged,
    Message,
    MessageArrived,
    MessageDeleted,
    MessageEdited,
    PinChanged,
    ReactionChanged,
    RoomRenamed,
)
from tolmach.errors import ConnectFailed, LocalProtocolError, Unauthorized
from tolmach.rocketchat import RocketChat
from tolmach_mockservers.testing.chat import RocketChatHandle

E = TypeVar("E", bound=Event)


class Scene:
    """Hold the adapter of the bot, clients of the people, and the events so far."""

    def __init__(self, handle: RocketChatHandle, stack: AsyncExitStack) -> None:
        self.handle = handle
        self.stack = stack
        self.bot = handle.bot
        self.general = handle.room("general").id
        self.team = handle.room("team").id
        self.platform = RocketChatPlatform(self.client("bot"))
        self.events: asyncio.Queue[Event] = asyncio.Queue()

    def client(self, name: str) -> RocketChat:
        """Return a client that is not entered."""
        who = self.handle.details(name)
        return RocketChat(self.handle.url, user_id=who["id"], token=who["token"], insecure=True)

    async def person(self, name: str) -> RocketChat:
        """Return a client of a person."""
        return await self.stack.enter_async_context(self.client(name))

    async def listen(self) -> None:
        """Start the adapter and collect its events."""
        await self.platform.start()
        task = asyncio.create_task(self._collect())
        self.stack.callback(task.cancel)

    async def _collect(self) -> None:
        async for event in self.platform.events():
            self.events.put_nowait(event)

    async def next(self, kind: type[E]) -> E:
        """Return the next event of a kind."""
        async with asyncio.timeout(10):
            while True:
                event = await self.events.get()
                if isinstance(event, kind):
                    return event

    async def message(self, text: str) -> Message:
        """Return the message with this text."""
        while True:
            event = await self.next(MessageArrived)
            if event.message.text == text:
                return event.message


@pytest.fixture
async def scene(rocketchat: RocketChatHandle) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        made = Scene(rocketchat, stack)
        stack.push_async_callback(made.platform.aclose)
        yield made


async def test_the_bot_knows_itself_and_the_servers_limit(scene: Scene) -> None:
    assert scene.platform.identity() is None
    identity = await scene.platform.start()
    assert identity
    assert (identity.id, identity.username, identity.is_bot) == (scene.bot["id"], scene.bot["username"], True)
    assert (scene.platform.capabilities.max_text, scene.platform.capabilities.text_unit) == (5000, "utf16")
    assert scene.platform.report().connected
    assert (await scene.platform.probe()).name == scene.bot["username"]
    await scene.platform.aclose()
    await scene.platform.aclose()
    assert not scene.platform.report().connected


async def test_an_account_of_a_person_is_no_bot(scene: Scene) -> None:
    platform = RocketChatPlatform(scene.client("alice"))
    scene.stack.push_async_callback(platform.aclose)
    identity = await platform.start()
    assert identity
    assert not identity.is_bot


async def test_a_message_in_a_room(scene: Scene) -> None:
    await scene.listen()
    alice = await scene.person("alice")
    text = f"@{scene.bot['username']} and @all, hi"
    sent = await alice.chat.send(scene.general, text)
    seen = await scene.message(text)
    assert (seen.id, seen.sender.id, seen.sender.is_bot) == (sent.id, alice.me.id, None)
    assert seen.conversation.kind is ChatKind.ROOM
    assert (seen.conversation.room_id, seen.conversation.name) == (scene.general, "general")
    assert seen.conversation.is_member
    kinds = {mention.id: mention.kind.value for mention in seen.mentions}
    assert kinds == {scene.bot["id"]: "user", "all": "broadcast"}
    assert seen.at == pytest.approx(sent.ts.timestamp())
    reply = await alice.chat.send(scene.general, "inside", thread=sent)
    assert (await scene.message("inside")).conversation.thread_id == sent.id
    assert reply.thread_id == sent.id


async def test_a_direct_message_names_its_peer(scene: Scene) -> None:
    await scene.listen()
    alice = await scene.person("alice")
    room = await alice.direct.create(scene.bot["username"])
    await alice.chat.send(room.id, "hello")
    seen = await scene.message("hello")
    assert seen.conversation.kind is ChatKind.DIRECT
    assert (seen.conversation.room_id, seen.conversation.peer_id) == (room.id, alice.me.id)
    assert await scene.platform.open_direct(alice.me.id) == room.id
    await scene.platform.send(Address(room.id), "my echo")
    own = await scene.message("my echo")
    assert own.sender.id == scene.bot["id"]
    assert own.conversation.peer_id == alice.me.id


async def test_a_direct_room_of_three_is_a_group(scene: Scene) -> None:
    await scene.listen()
    alice = await scene.person("alice")
    room = await alice.direct.create(scene.bot["username"], "bob")
    await alice.chat.send(room.id, "hello both")
    assert (await scene.message("hello both")).conversation.kind is ChatKind.GROUP


async def test_edits_deletions_and_reactions(scene: Scene) -> None:
    await scene.listen()
    alice = await scene.person("alice")
    sent = await alice.chat.send(scene.general, "first")
    await scene.message("first")
    await alice.chat.update(scene.general, sent.id, "second")
    edited = await scene.next(MessageEdited)
    assert (edited.message_id, edited.actor and edited.actor.id) == (sent.id, alice.me.id)

    bob = await scene.person("bob")
    keys: set[str] = set()
    for add in (True, False, True):
        await bob.chat.react(sent.id, "tada", add=add)
        changed = await scene.next(ReactionChanged)
        assert (changed.emoji, changed.added, changed.message_id) == ("tada", add, sent.id)
        assert changed.actor
        assert changed.actor.id == bob.me.id
        assert changed.message_author
        assert changed.message_author.id == alice.me.id
        keys.add(changed.key)
    assert len(keys) == 3

    await scene.platform.react(Address(scene.general), sent.id, "👀", add=True)
    own = await scene.next(ReactionChanged)
    assert own.actor
    assert (own.actor.id, own.emoji) == (scene.bot["id"], "eyes")

    await alice.chat.delete(scene.general, sent.id)
    deleted = await scene.next(MessageDeleted)
    assert deleted.message_id == sent.id
    assert deleted.actor
    assert deleted.actor.id == alice.me.id


async def test_pins_names_and_members(scene: Scene) -> None:
    await scene.listen()
    admin, bob = await scene.person("admin"), await scene.person("bob")
    sent = await admin.chat.send(scene.general, "pin me")
    await scene.message("pin me")
    await admin.chat.pin(sent.id)
    pinned = await scene.next(PinChanged)
    assert pinned.pinned
    assert pinned.actor
    assert pinned.actor.id == admin.me.id
    await bob.channels.leave(scene.general)
    left = await scene.next(MemberChanged)
    assert (left.member.id, left.joined) == (bob.me.id, False)
    await admin.channels.invite(scene.general, bob.me.id)
    joined = await scene.next(MemberChanged)
    assert (joined.member.id, joined.joined) == (bob.me.id, True)
    await admin.channels.rename(scene.general, "lobby")
    renamed = await scene.next(RoomRenamed)
    assert renamed.name == "lobby"
    assert renamed.actor
    assert renamed.actor.id == admin.me.id


async def test_what_the_bot_writes_arrives(scene: Scene) -> None:
    await scene.platform.start()
    alice = await scene.person("alice")
    root = await scene.platform.send(Address(scene.general), "root https://example.com")
    reply = await scene.platform.send(Address(scene.general, root), "reply")
    assert (await alice.chat.get(reply)).thread_id == root
    await scene.platform.edit(Address(scene.general), root, "changed")
    found = await scene.platform.message(root)
    assert found
    assert (found.text, found.sender.id) == ("changed", scene.bot["id"])
    await scene.platform.delete(Address(scene.general), reply)
    assert await scene.platform.message(reply) is None


@pytest.mark.parametrize("emoji", ["thumbsup", ":thumbsup:", "👍"])
async def test_all_forms_of_an_emoji_are_one_reaction(scene: Scene, emoji: str) -> None:
    await scene.platform.start()
    alice = await scene.person("alice")
    sent = await alice.chat.send(scene.general, "react to me")
    place = Address(scene.general)
    for _ in range(2):
        await scene.platform.react(place, sent.id, emoji, add=True)
        assert list((await alice.chat.get(sent.id)).reactions or {}) == [":thumbsup:"]
    await alice.chat.react(sent.id, "thumbsup", add=True)
    for _ in range(2):
        await scene.platform.react(place, sent.id, emoji, add=False)
        reactions = (await alice.chat.get(sent.id)).reactions or {}
        assert reactions[":thumbsup:"].usernames == ["alice"]
    with pytest.raises(LocalProtocolError):
        await scene.platform.react(place, sent.id, "::", add=True)


async def test_history_is_the_newest_oldest_first_without_notices_and_threads(scene: Scene) -> None:
    await scene.platform.start()
    alice = await scene.person("alice")
    sent = [await alice.chat.send(scene.team, f"text {number}") for number in range(4)]
    for number in range(3):
        await alice.chat.send(scene.team, f"reply {number}", thread=sent[0])
    admin = await scene.person("admin")
    await admin.groups.rename(scene.team, "renamed")
    room = await scene.platform.history(Address(scene.team), 3)
    assert [one.text for one in room if one.text.startswith("text")][-2:] == ["text 2", "text 3"]
    assert all(one.conversation.thread_id is None for one in room)
    thread = await scene.platform.history(Address(scene.team, sent[0].id), 2)
    assert [one.text for one in thread] == ["reply 1", "reply 2"]
    assert await scene.platform.history(Address(scene.team), 0) == ()


async def test_names_become_ids_only_when_they_are_exact(scene: Scene) -> None:
    await scene.platform.start()
    assert await scene.platform.resolve_room("general") == scene.general
    assert await scene.platform.resolve_room("team") == scene.team
    assert await scene.platform.resolve_room("General") is None
    assert await scene.platform.resolve_room("nowhere") is None
    assert await scene.platform.resolve_room(scene.general) is None
    alice = scene.handle.details("alice")
    assert await scene.platform.resolve_person("alice") == alice["id"]
    assert await scene.platform.resolve_person("nobody") is None


async def test_whether_somebody_is_a_bot(scene: Scene) -> None:
    await scene.platform.start()
    await scene.handle.add_person("helper", kind="bot")
    for name, is_bot in (("alice", False), ("helper", True)):
        person = await scene.platform.person(scene.handle.details(name)["id"])
        assert person
        assert person.is_bot is is_bot
    assert await scene.platform.person("noSuchPersonAtAll") is None


async def test_a_wrong_token_and_a_server_that_is_down(scene: Scene) -> None:
    bot = scene.bot
    wrong = RocketChatPlatform(RocketChat(scene.handle.url, user_id=bot["id"], token="x" * 43, insecure=True))
    scene.stack.push_async_callback(wrong.aclose)
    with pytest.raises(Unauthorized):
        await wrong.start()
    probe = await wrong.probe()
    assert (probe.ok, probe.status) == (False, 401)
    down = RocketChatPlatform(RocketChat("http://127.0.0.1:9", user_id="u", token="t", insecure=True))
    scene.stack.push_async_callback(down.aclose)
    assert not (await down.probe()).ok
    with pytest.raises(ConnectFailed):
        await down.start()
