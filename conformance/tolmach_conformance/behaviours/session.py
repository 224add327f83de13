"""Session rows: what shares a history and what does not (catalogue section 4).

What it must not do: name a platform, or wait by the clock.
"""

from collections.abc import Sequence

from tolmach_conformance.behaviour import MUST, SHOULD, behaviour, listed
from tolmach_conformance.seen import Said, Turn
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect


def remembers(turn: Turn, said: Said) -> bool:
    """Return whether the history of a turn holds a stimulus."""
    history: Sequence[str] = [line.text for line in turn.history]
    return any(said.nonce in text for text in history)


@behaviour(120, "session.dm.main", MUST, settings={"allowFrom": ["{alice}", "{bob}"]})
async def direct_chats_share_the_main_session(stage: Stage) -> None:
    """By default all direct chats are one session."""
    first = await stage.alice.dm("the password is swordfish")
    await stage.settled(first)
    turn = await stage.turn_for(await stage.bob.dm("what is the password?"))
    expect(remembers(turn, first), "the second person's turn does not hold the first person's")


@behaviour(
    121,
    "session.dm.per-peer-scopes",
    SHOULD,
    settings={"allowFrom": ["{alice}", "{bob}"], "session.dmScope": "per-channel-peer"},
)
async def direct_chats_can_be_kept_apart(stage: Stage) -> None:
    """With a scope per person, direct chats have sessions of their own."""
    first = await stage.alice.dm("the password is swordfish")
    await stage.settled(first)
    turn = await stage.turn_for(await stage.bob.dm("what is the password?"))
    expect(not remembers(turn, first), "one person's turn holds another's")
    turn.agrees(session=f"agent:main:{stage.platform}:direct:{stage.bob.id}")
    again = await stage.turn_for(await stage.alice.dm("and mine?"))
    expect(remembers(again, first), "a person's own history is gone")


@behaviour(122, "session.room.key", MUST, facts=True)
async def a_room_has_a_key(stage: Stage) -> None:
    """The session of a room is named after agent, channel and room, the room's id in its own case."""
    room = await stage.room()
    turn = await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} hi"))
    expect(
        turn.fact("session") == f"agent:main:{stage.platform}:channel:{room.id}",
        f"the session is called {turn.fact('session')!r}",
    )


@behaviour(123, "session.room.isolated", MUST, rooms={"other": listed()})
async def rooms_and_direct_chats_are_isolated(stage: Stage) -> None:
    """Two rooms and a direct chat do not see each other's history."""
    room, other = await stage.room(), await stage.room("other")
    here = await stage.alice.say(room, f"{stage.bot.mention} in the first room")
    await stage.settled(here)
    there = await stage.alice.say(other, f"{stage.bot.mention} in the second room")
    turn = await stage.turn_for(there)
    expect(here.nonce not in turn.everything, "one room's turn holds another's")
    await stage.settled(there)
    direct = await stage.turn_for(await stage.alice.dm("in private"))
    expect(
        not remembers(direct, here) and not remembers(direct, there), "a direct chat's turn holds a room's"
    )


@behaviour(124, "session.thread.key", MUST, needs=("threads",))
async def a_thread_is_a_session(stage: Stage) -> None:
    """A thread of a room has a session of its own, named after its root."""
    room = await stage.room()
    above = await stage.alice.say(room, f"{stage.bot.mention} at room level")
    await stage.settled(above)
    root = await stage.alice.say(room, "a topic")
    first = await stage.alice.reply(root, f"{stage.bot.mention} in the thread")
    turn = await stage.turn_for(first)
    expect(not remembers(turn, above), "the thread's session holds the room's history")
    turn.agrees(session=f"agent:main:{stage.platform}:channel:{room.id}:thread:{root.id}", thread_id=root.id)
    await stage.settled(first)
    again = await stage.turn_for(await stage.alice.reply(root, f"{stage.bot.mention} once more"))
    expect(remembers(again, first), "the thread forgot its own history")


@behaviour(126, "session.thread.dm-thread-base", SHOULD, needs=("threads",))
async def a_thread_of_a_direct_chat_belongs_to_it(stage: Stage) -> None:
    """A thread in a direct chat shares its session, and is answered in the thread."""
    root = await stage.alice.dm("at the top")
    await stage.settled(root)
    said = await stage.alice.reply(root, "in the thread")
    expect(remembers(await stage.turn_for(said), root), "the thread does not share the direct chat's session")
    expect((await stage.answer_to(said)).thread_id == root.id, "the answer left the thread")


@behaviour(127, "session.thread.seed-root", SHOULD, needs=("threads",), settings={"replyToMode": "all"})
async def a_message_answered_in_a_thread_belongs_to_it(stage: Stage) -> None:
    """What will be answered in a new thread is already that thread's first turn."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} open a thread")
    thread = f"agent:main:{stage.platform}:channel:{room.id}:thread:{said.id}"
    (await stage.turn_for(said)).agrees(session=thread)
    post = await stage.answer_to(said)
    expect(post.thread_id == said.id, "the answer is not in the trigger's thread")
    turn = await stage.turn_for(await stage.alice.reply(said, "and further?"))
    expect(remembers(turn, said), "the reply's turn does not hold the trigger")


@behaviour(137, "session.command-target", SHOULD, needs=("commands", "threads"))
async def a_command_in_a_thread_is_about_the_thread(stage: Stage) -> None:
    """A status command in a thread tells of the thread's session."""
    room = await stage.room()
    root = await stage.alice.say(room, "a topic")
    post = await stage.reply_to(await stage.alice.reply(root, f"{stage.bot.mention} !status", nonce=False))
    expect(root.id in post.text, "the status does not name the thread's session")
