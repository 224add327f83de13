"""The adapter against the fake workspace: what people do becomes events, what the bot does arrives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TypeVar

import pytest

from tolmach.adapters.pachca import PachcaPlatform
from tolmach.adapters.pachca_door import Doors
from tolmach.channel.buttons import Button
from tolmach.channel.gating import explicit_mention
from tolmach.channel.model import (
    Address,
    ChatKind,
    Event,
    MemberChanged,
    Message,
    MessageArrived,
    MessageDeleted,
    MessageEdited,
    ReactionChanged,
)
from tolmach.errors import LocalProtocolError, NotFound, NotSent, Unauthorized
from tolmach.pachca import Pachca
from tolmach_mockservers.faults import Do, Rule
from tolmach_mockservers.testing.workspace import PachcaHandle

E = TypeVar("E", bound=Event)


class Scene:
    """Hold the adapter of the bot, clients of the people, and the events so far."""

    def __init__(self, handle: PachcaHandle, stack: AsyncExitStack) -> None:
        self.handle = handle
        self.stack = stack
        self.bot = handle.bot
        self.general = str(handle.room("general").id)
        self.doors = Doors()
        self.platform = self.platform_of("bot")
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.collecting: asyncio.Task[None] | None = None

    def platform_of(self, name: str, *, polling: bool = False, history: bool = False) -> PachcaPlatform:
        """Return an adapter that is not started."""
        door = None if polling else self.doors.claim("127.0.0.1", 0, f"/{name}{history}")
        secret = "" if polling else self.bot["webhook_secret"]
        made = PachcaPlatform(self.client(name), door=door, secret=secret, history=history)
        self.stack.push_async_callback(made.aclose)
        self.door = door
        return made

    def client(self, name: str) -> Pachca:
        """Return a client that is not entered."""
        token = self.handle.details(name)["token"]
        return Pachca(token, api_base=self.handle.url, insecure=True)

    async def person(self, name: str) -> Pachca:
        """Return a client of a person."""
        return await self.stack.enter_async_context(self.client(name))

    async def listen(self) -> None:
        """Start the adapter and collect its events."""
        await self.platform.start()
        if self.door is not None:
            url = f"http://127.0.0.1:{self.door.port}{self.door.path}"
            bot = self.handle.bot["id"]
            await self.handle.thread.act(lambda: self.handle.fake.set_webhook(bot, url))
        self.collecting = asyncio.create_task(self._collect())
        self.stack.callback(self.collecting.cancel)

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

    async def press(self) -> Message:
        """Return the next press of a button."""
        while True:
            event = await self.next(MessageArrived)
            if event.message.press:
                return event.message


@pytest.fixture
async def scene(pachca: PachcaHandle) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        made = Scene(pachca, stack)
        yield made
        await made.platform.aclose()
        await made.doors.aclose()


async def test_the_bot_knows_itself(scene: Scene) -> None:
    assert scene.platform.identity() is None
    identity = await scene.platform.start()
    assert identity
    assert (identity.id, identity.username) == (str(scene.bot["id"]), scene.bot["username"])
    assert identity.is_bot
    assert (scene.platform.capabilities.max_text, scene.platform.capabilities.text_unit) == (40_000, "utf8")
    assert scene.platform.report().connected
    assert (await scene.platform.probe()).name == scene.bot["username"]
    await scene.platform.aclose()
    await scene.platform.aclose()
    assert not scene.platform.report().connected


async def test_an_account_of_a_person_is_no_bot(scene: Scene) -> None:
    identity = await scene.platform_of("alice").start()
    assert identity
    assert not identity.is_bot


async def test_a_message_in_a_room(scene: Scene) -> None:
    await scene.listen()
    text = f"@{scene.bot['username']} and @bob and @all, hi"
    sent = await scene.handle.person("alice").room("general").say(text)
    seen = await scene.message(text)
    alice = scene.handle.details("alice")
    assert (seen.id, seen.sender.id, seen.sender.is_bot) == (str(sent), str(alice["id"]), False)
    assert seen.sender.username == alice["username"]
    assert seen.conversation.kind is ChatKind.ROOM
    assert (seen.conversation.room_id, seen.conversation.name) == (scene.general, "general")
    kinds = {mention.id: mention.kind.value for mention in seen.mentions}
    assert kinds == {str(scene.bot["id"]): "user", "@bob": "user", "all": "broadcast"}
    assert explicit_mention(seen, scene.platform.identity())


@pytest.mark.parametrize("text", ["@{bot}anist", "`@{bot}`", "x@{bot}", "@{bot}.example", "@here @all"])
async def test_what_is_no_mention(scene: Scene, text: str) -> None:
    await scene.listen()
    said = text.replace("{bot}", scene.bot["username"])
    await scene.handle.person("alice").room("general").say(said)
    assert not explicit_mention(await scene.message(said), scene.platform.identity())


async def test_a_thread_is_known_by_its_root(scene: Scene) -> None:
    await scene.listen()
    room = scene.handle.person("alice").room("general")
    root = await room.say("a topic")
    await room.say("inside", thread=root)
    seen = await scene.message("inside")
    assert (seen.conversation.room_id, seen.conversation.thread_id) == (scene.general, str(root))
    # By event the thread is known; an adapter that never heard of it opens the same one.
    for platform in (scene.platform, scene.platform_of("bot", polling=True)):
        posted = await platform.send(Address(scene.general, str(root)), "answered inside")
        again = await platform.message(posted)
        assert again
        assert again.conversation.thread_id == str(root)
        texts = [one.text for one in await platform.history(Address(scene.general, str(root)), 10)]
        assert texts[-1] == "answered inside"


async def test_a_thread_that_is_not_there_has_no_history(scene: Scene) -> None:
    root = await scene.handle.person("alice").room("general").say("no thread yet")
    assert await scene.platform.history(Address(scene.general, str(root)), 10) == ()


async def test_a_direct_message_names_its_peer(scene: Scene) -> None:
    await scene.listen()
    alice = str(scene.handle.details("alice")["id"])
    direct = scene.handle.person("alice").dm("bot")
    root = await direct.say("hello")
    seen = await scene.message("hello")
    assert seen.conversation.kind is ChatKind.DIRECT
    assert (seen.conversation.room_id, seen.conversation.peer_id) == (str(direct.id), alice)
    assert await scene.platform.open_direct(alice) == str(direct.id)
    await scene.platform.send(Address(str(direct.id)), "my echo")
    own = await scene.message("my echo")
    assert (own.sender.id, own.conversation.peer_id) == (str(scene.bot["id"]), alice)
    await direct.say("in a thread of it", thread=root)
    inside = await scene.message("in a thread of it")
    assert (inside.conversation.kind, inside.conversation.peer_id) == (ChatKind.DIRECT, alice)


async def test_a_chat_with_a_stranger_is_not_there(scene: Scene) -> None:
    with pytest.raises(NotFound):
        await scene.platform.open_direct(str(scene.handle.details("bob")["id"]))


async def test_edits_and_deletions(scene: Scene) -> None:
    await scene.listen()
    alice = await scene.person("alice")
    sent = await alice.messages.create(chat_id=int(scene.general), content="first")
    await scene.message("first")
    await alice.messages.update(sent.id, content="second")
    one = await scene.next(MessageEdited)
    await alice.messages.update(sent.id, content="third")
    two = await scene.next(MessageEdited)
    assert one.message_id == two.message_id == str(sent.id)
    assert one.key != two.key
    await alice.messages.delete(sent.id)
    gone = await scene.next(MessageDeleted)
    assert gone.actor
    assert (gone.message_id, gone.actor.id) == (str(sent.id), str(sent.user_id))


async def test_reactions_have_names_and_lie_where_their_message_lies(scene: Scene) -> None:
    await scene.listen()
    alice, bob = await scene.person("alice"), await scene.person("bob")
    root = await alice.messages.create(chat_id=int(scene.general), content="root")
    thread = await alice.threads.open(root.id)
    inside = await alice.messages.create(thread_id=thread.id, content="inside")
    await bob.reactions.add(inside.id, "👍")
    added = await scene.next(ReactionChanged)
    await bob.reactions.remove(inside.id, "👍")
    removed = await scene.next(ReactionChanged)
    assert (added.emoji, added.added, removed.added) == ("thumbsup", True, False)
    assert added.conversation.thread_id == str(root.id)
    assert added.message_author
    assert added.actor
    assert added.message_author.id == str(root.user_id)
    assert added.actor.username == scene.handle.details("bob")["username"]
    assert added.key != removed.key


async def test_members_come_and_go(scene: Scene) -> None:
    await scene.listen()
    admin = await scene.person("admin")
    carol = await admin.users.create("carol@example.com", first_name="Carol")
    await admin.members.add(int(scene.general), [carol.id])
    came = await scene.next(MemberChanged)
    await admin.members.remove(int(scene.general), carol.id)
    went = await scene.next(MemberChanged)
    assert (came.member.id, came.joined, went.joined) == (str(carol.id), True, False)
    assert came.member.name == "Carol"


async def test_what_the_bot_does(scene: Scene) -> None:
    alice = await scene.person("alice")
    posted = await scene.platform.send(Address(scene.general), "said once")
    await scene.platform.edit(Address(scene.general), posted, "said better")
    assert (await alice.messages.get(int(posted))).content == "said better"
    for emoji in ("thumbsup", ":thumbsup:", "👍"):
        await scene.platform.react(Address(scene.general), posted, emoji, add=True)
    assert [one.code async for one in alice.reactions.list(int(posted))] == ["👍"]
    for _ in range(2):
        await scene.platform.react(Address(scene.general), posted, "thumbsup", add=False)
    assert [one.code async for one in alice.reactions.list(int(posted))] == []
    with pytest.raises(LocalProtocolError):
        await scene.platform.react(Address(scene.general), posted, "no_such_emoji_at_all", add=True)
    await scene.platform.delete(Address(scene.general), posted)
    assert (await alice.messages.get(int(posted))).deleted_at is not None


async def test_an_unclear_send_is_looked_up(scene: Scene) -> None:
    faults = scene.handle.thread.fakes.kernel.faults
    rule = Rule("pachca", Do("cut_after_commit"), operation="POST /messages")
    await scene.handle.thread.act(lambda: faults.add(rule))
    posted = await scene.platform.send(Address(scene.general), "exactly once")
    history = await scene.platform.history(Address(scene.general), 10)
    assert [one.id for one in history if one.text == "exactly once"] == [posted]


async def test_names_are_resolved_exactly(scene: Scene) -> None:
    bob = scene.handle.details("bob")
    assert await scene.platform.resolve_room("general") == scene.general
    assert await scene.platform.resolve_room("genera") is None
    assert await scene.platform.resolve_person(bob["username"]) == str(bob["id"])
    assert await scene.platform.resolve_person(bob["username"][:-1]) is None
    alice = await scene.person("alice")
    await alice.chats.create("general", member_ids=[scene.bot["id"]])
    assert await scene.platform.resolve_room("general") is None


async def test_a_press_of_a_button_arrives_where_the_button_stands(scene: Scene) -> None:
    await scene.listen()
    rows = ((Button("Yes", data="deploy:yes"), Button("Docs", url="https://docs.example.com")),)
    posted = await scene.platform.send(Address(scene.general), "Deploy?", rows)
    alice = scene.handle.person("alice")
    shown = await (await scene.person("alice")).messages.get(int(posted))
    assert shown.buttons is not None
    assert [(one.text, one.data, one.url) for one in shown.buttons[0]] == [
        ("Yes", "deploy:yes", None),
        ("Docs", None, "https://docs.example.com"),
    ]
    await alice.press(int(posted), "deploy:yes")
    await alice.press(int(posted), "deploy:yes")
    first, second = [await scene.press() for _ in range(2)]
    assert (first.conversation.room_id, first.conversation.thread_id) == (scene.general, None)
    assert (first.id, first.sender.id, first.text) == (posted, str(alice.id), "")
    assert first.press
    assert second.press
    assert first.press.data == "deploy:yes"
    assert first.key != second.key


async def test_a_row_that_is_too_long_is_wrapped_and_too_many_are_refused(scene: Scene) -> None:
    await scene.platform.start()
    row = tuple(Button(str(number), data=str(number)) for number in range(20))
    posted = await scene.platform.send(Address(scene.general), "Choose", (row,))
    shown = await (await scene.person("alice")).messages.get(int(posted))
    assert [len(one) for one in shown.buttons or []] == [8, 8, 4]
    with pytest.raises(NotSent, match="at most 100"):
        await scene.platform.send(Address(scene.general), "Choose", (row * 6,))


async def test_without_a_url_the_history_is_read(scene: Scene) -> None:
    scene.platform = scene.platform_of("bot", polling=True)
    await scene.handle.person("alice").room("general").say("before the start")
    await scene.listen()
    before = await scene.next(MessageArrived)
    assert before.message.conversation.room_id == scene.general
    await scene.handle.person("alice").room("general").say("while it runs")
    during = await scene.next(MessageArrived)
    assert [before.message.text, during.message.text] == ["before the start", "while it runs"]
    bot = await scene.person("bot")
    assert len(await bot.webhooks.list().all()) == 2
    await scene.platform.settled(during)
    await scene.platform.settled(before)
    assert await bot.webhooks.list().all() == []


async def test_what_came_before_the_start_is_read_from_the_history_once(scene: Scene) -> None:
    scene.platform = scene.platform_of("bot", history=True)
    room = scene.handle.person("alice").room("general")
    await room.say("while nobody listened")
    await scene.listen()
    await scene.message("while nobody listened")
    # By webhook and in the history: one event all the same.
    await room.say("twice on its way")
    await scene.message("twice on its way")
    await room.say("the last")
    assert (await scene.next(MessageArrived)).message.text == "the last"


async def test_a_dead_token_ends_the_events(scene: Scene) -> None:
    await scene.listen()
    bot = scene.bot["id"]
    await scene.handle.thread.act(lambda: scene.handle.fake.revoke_tokens(bot))
    await scene.handle.person("bob").dm("bot").say("anybody?")
    assert scene.collecting
    with pytest.raises(Unauthorized):
        await asyncio.wait_for(scene.collecting, 10)
    assert scene.platform.report().lifecycle == "blocked"
    assert (await scene.platform.probe()).status == 401


async def test_a_reply_that_does_not_name_its_thread_is_looked_up_or_dropped(scene: Scene) -> None:
    await scene.listen()
    alice = await scene.person("alice")
    chat = int(scene.general)
    roots = [await alice.messages.create(chat_id=chat, content="a topic") for _ in range(2)]
    known, lost = [await alice.threads.open(root.id) for root in roots]
    for _ in roots:
        await scene.message("a topic")  # or the fault could take a late delivery of these
    kernel = scene.handle.thread.fakes.kernel
    strip = Rule("pachca", Do("strip", field="thread"), operation="message.new", direction="out", count=2)
    await scene.handle.thread.act(lambda: kernel.faults.add(strip))
    await alice.messages.create(thread_id=known.id, content="found")
    assert (await scene.message("found")).conversation.thread_id == str(roots[0].id)
    missing = Rule("pachca", Do("status", status=404), operation="GET /threads/{id}", count=1)
    await scene.handle.thread.act(lambda: kernel.faults.add(missing))
    await alice.messages.create(thread_id=lost.id, content="lost")
    await alice.messages.create(chat_id=chat, content="afterwards")
    assert (await scene.next(MessageArrived)).message.text == "afterwards"


async def test_a_lookup_that_hangs_holds_up_its_own_room_only(scene: Scene) -> None:
    await scene.listen()
    alice = await scene.person("alice")
    team = scene.handle.room("team").id
    root = await alice.messages.create(chat_id=int(scene.general), content="a topic")
    thread = await alice.threads.open(root.id)
    await scene.message("a topic")
    kernel = scene.handle.thread.fakes.kernel
    strip = Rule("pachca", Do("strip", field="thread"), operation="message.new", direction="out")
    hang = Rule("pachca", Do("delay", seconds=5), operation="GET /threads/{id}")

    def prepare() -> None:
        kernel.clock.freeze()
        kernel.faults.add(strip)
        kernel.faults.add(hang)

    await scene.handle.thread.act(prepare)
    await alice.messages.create(thread_id=thread.id, content="in the thread")
    await alice.messages.create(chat_id=int(scene.general), content="behind it?")
    await alice.messages.create(chat_id=team, content="elsewhere")
    first = (await scene.next(MessageArrived)).message.text
    second = (await scene.next(MessageArrived)).message.text
    # The thread is not known to belong to the room yet: only its own lookup waits.
    assert {first, second} == {"behind it?", "elsewhere"}
    await scene.handle.thread.act(lambda: kernel.clock.advance(5))
    assert (await scene.next(MessageArrived)).message.text == "in the thread"
    await scene.handle.thread.act(kernel.clock.resume)
