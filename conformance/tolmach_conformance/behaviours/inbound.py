"""Inbound rows: what starts a turn, and what must not (catalogue section 1).

What it must not do: name a platform, or wait by the clock.
"""

from tolmach_conformance.agent import say, wait_for
from tolmach_conformance.behaviour import MUST, SHOULD, behaviour, listed
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect


@behaviour(1, "inbound.dm.delivers-turn", MUST)
async def a_direct_message_is_a_turn(stage: Stage) -> None:
    """A direct message of an admitted person is exactly one turn, answered in the same place."""
    said = await stage.alice.dm("hello")
    turn = await stage.turn_for(said)
    expect("hello" in turn.text, "the turn does not carry the text")
    turn.agrees(chat_type="direct", sender=stage.alice.id)
    post = await stage.answer_to(said)
    expect(post.room_id == said.room_id, "the answer went to another chat")
    expect(post.thread_id == "", "the answer went into a thread")


@behaviour(2, "inbound.dm.no-mention-needed", MUST, settings={"requireMention": True})
async def a_direct_message_needs_no_mention(stage: Stage) -> None:
    """The mention setting is about rooms only."""
    said = await stage.alice.dm("no name, no at sign")
    await stage.answer_to(said)


@behaviour(3, "inbound.room.public-mention", MUST)
async def a_mention_in_a_public_room_is_a_turn(stage: Stage) -> None:
    """A mention in an allowed public room is one turn, answered at room level."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} hi")
    turn = await stage.turn_for(said)
    turn.agrees(chat_type="channel", mentioned=True)
    post = await stage.answer_to(said)
    expect(post.room_id == room.id, "the answer went to another room")
    expect(post.thread_id == "", "the answer went into a thread")


@behaviour(4, "inbound.room.private", MUST, rooms={"room": listed(kind="private")})
async def a_private_room_is_a_room(stage: Stage) -> None:
    """A private room is treated like a public one, the need for a mention included."""
    room = await stage.room()
    await stage.alice.say(room, "not for the bot")
    await stage.nothing_happens(room)
    said = await stage.alice.say(room, f"{stage.bot.mention} hi")
    post = await stage.answer_to(said)
    expect(post.room_id == room.id, "the answer went to another room")


@behaviour(7, "inbound.self.suppressed", MUST)
async def the_bot_does_not_hear_itself(stage: Stage) -> None:
    """The bot's own post comes back on the stream and starts nothing, even if it mentions the bot."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} hi", agent=f"{stage.bot.mention} said so")
    await stage.answer_to(said)
    await stage.nothing_happens(room, after=said)
    expect(len(stage.turns_for(said)) == 1, "the bot's own post started another turn")


@behaviour(9, "inbound.bots.default-off", MUST)
async def another_bot_is_not_heard(stage: Stage) -> None:
    """Another bot's message starts no turn, not even with a mention."""
    room = await stage.room()
    await stage.otherbot.say(room, f"{stage.bot.mention} let us talk")
    await stage.nothing_happens(room)


@behaviour(13, "inbound.edit.becomes-system-event", SHOULD)
async def an_edit_is_told_with_the_next_turn(stage: Stage) -> None:
    """An edit starts no turn; the next turn of the room carries one line about it."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} first version")
    await stage.settled(said)
    await stage.alice.edit(said, f"{stage.bot.mention} second version")
    turn = await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} and now?"))
    expect(len(turn.lines("edited")) == 1, "the next turn does not carry exactly one line about the edit")
    expect(len(stage.turns_for(said)) == 1, "the edit started a turn")


@behaviour(14, "inbound.edit.does-not-retrigger", MUST)
async def an_edit_never_starts_a_turn(stage: Stage) -> None:
    """An edit that adds a mention starts nothing, nor does an edit of a message already answered."""
    room = await stage.room()
    plain = await stage.alice.say(room, "nobody in particular")
    answered = await stage.alice.say(room, f"{stage.bot.mention} hi")
    await stage.settled(answered)
    await stage.alice.edit(plain, f"{stage.bot.mention} now you are meant")
    await stage.alice.edit(answered, f"{stage.bot.mention} hi again")
    await stage.nothing_happens(room, after=answered)


@behaviour(15, "inbound.delete.becomes-system-event", SHOULD)
async def a_deletion_is_told_with_the_next_turn(stage: Stage) -> None:
    """A deletion starts no turn; the next turn of the room carries one line about it."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} forget this")
    await stage.settled(said)
    await stage.alice.delete(said)
    turn = await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} and now?"))
    expect(
        len(turn.lines("deleted")) == 1, "the next turn does not carry exactly one line about the deletion"
    )


@behaviour(17, "inbound.system-events.authorised-only", SHOULD, rooms={"room": listed(users=["{alice}"])})
async def what_strangers_do_is_not_told(stage: Stage) -> None:
    """Edits and deletions of people outside the room's list leave no line."""
    room = await stage.room()
    one = await stage.bob.say(room, "first of a stranger")
    two = await stage.bob.say(room, "second of a stranger")
    await stage.bob.edit(one, "changed by a stranger")
    await stage.bob.delete(two)
    turn = await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} what happened?"))
    expect(not turn.fact("system_lines"), "a stranger's edit or deletion was reported")


@behaviour(18, "inbound.subtype.filter", MUST)
async def platform_notices_start_nothing(stage: Stage) -> None:
    """A topic that names the bot, a new name, somebody joining: none is a message."""
    room = await stage.room()
    await stage.alice.set_topic(room, f"{stage.bot.mention} is the topic")
    room = await stage.alice.rename(room, f"{room.name}-renamed")
    await stage.nothing_happens(room)


@behaviour(19, "inbound.join.user", SHOULD, people=("carol",))
async def joining_and_leaving_is_told_with_the_next_turn(stage: Stage) -> None:
    """Somebody joining and leaving starts no turn; the next turn carries a line about each."""
    room = await stage.room()
    await stage.alice.invite(room, stage.person("carol"))
    await stage.person("carol").leave(room)
    turn = await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} who is here?"))
    expect(len(turn.lines("joined", stage.person("carol").display)) == 1, "no line about the joining")
    expect(len(turn.lines("left", stage.person("carol").display)) == 1, "no line about the leaving")


@behaviour(32, "inbound.dedupe.same-id", MUST)
async def the_same_message_twice_is_one_turn(stage: Stage) -> None:
    """A message delivered again and again starts one turn in total."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} once")
    await stage.answer_to(said)
    await stage.faults.redeliver(said, times=2)
    await stage.nothing_happens(room, after=said)
    expect(len(stage.turns_for(said)) == 1, "a redelivered message started another turn")


@behaviour(33, "inbound.dedupe.transport-retry", MUST)
async def the_same_event_twice_is_one_turn(stage: Stage) -> None:
    """The same transport event delivered twice in a row starts one turn."""
    room = await stage.room()
    await stage.faults.on({"kind": "duplicate"}, direction="out", room_id=room.id)
    said = await stage.alice.say(room, f"{stage.bot.mention} twice on the wire")
    await stage.answer_to(said)
    await stage.nothing_happens(room, after=said)
    expect(len(stage.turns_for(said)) == 1, "a doubled event started another turn")


@behaviour(38, "inbound.order.same-room", MUST)
async def one_room_is_one_lane(stage: Stage) -> None:
    """Quick messages of one room become turns in their order, never two at once."""
    room, gate = await stage.room(), stage.agent.gate()
    first = await stage.alice.say(room, f"{stage.bot.mention} one", agent=[wait_for(gate), say("first done")])
    await stage.turn_for(first)
    second = await stage.alice.say(room, f"{stage.bot.mention} two")
    third = await stage.alice.say(room, f"{stage.bot.mention} three")
    await stage.settled(await stage.alice.dm("meanwhile, elsewhere"))
    expect(not stage.turns_for(second), "the second turn started while the first was running")
    await gate.open()
    post = await stage.answer_to(first)
    two, three = await stage.turn_for(second), await stage.turn_for(third)
    expect(post.seq < two.seq < three.seq, "the turns did not come one after the other in order")


@behaviour(39, "inbound.parallel.rooms", SHOULD, rooms={"other": listed()})
async def rooms_do_not_wait_for_each_other(stage: Stage) -> None:
    """A slow turn in one room does not hold up another room."""
    slow, other, gate = await stage.room(), await stage.room("other"), stage.agent.gate()
    held = await stage.alice.say(
        slow, f"{stage.bot.mention} take your time", agent=[wait_for(gate), say("done")]
    )
    await stage.turn_for(held)
    await stage.answer_to(await stage.alice.say(other, f"{stage.bot.mention} quick one"))
    await gate.open()
    await stage.answer_to(held)


@behaviour(40, "inbound.debounce.off-by-default", MUST)
async def quick_messages_are_not_joined(stage: Stage) -> None:
    """Without a joining window, two quick messages stay two."""
    first = await stage.alice.dm("one thing")
    second = await stage.alice.dm("another thing")
    one, two = await stage.turn_for(first), await stage.turn_for(second)
    expect(second.nonce not in one.text, "the second message was joined to the first")
    expect(first.nonce not in two.text, "the first message was joined to the second")


@behaviour(52, "inbound.author.identity", MUST)
async def people_are_known_by_id(stage: Stage) -> None:
    """A new display name changes neither the sender's id nor the session."""
    before = await stage.alice.dm("before the wedding")
    await stage.settled(before)
    await stage.alice.change_display_name("Alice Newname")
    turn = await stage.turn_for(await stage.alice.dm("after the wedding"))
    turn.agrees(sender=stage.alice.id)
    expect(any(before.nonce in line.text for line in turn.history), "the session did not survive a new name")


@behaviour(53, "inbound.author.missing", MUST)
async def a_message_without_author_is_dropped(stage: Stage) -> None:
    """A message that arrives without its author starts no turn and harms nothing."""
    await stage.settled(await stage.alice.dm("hello"))
    direct = await stage.direct(stage.alice)
    # Named by its text: the event about the bot's own answer may still be on its way.
    await stage.faults.on({"kind": "strip", "field": "author"}, direction="out", text="by nobody")
    await stage.alice.dm("by nobody")
    await stage.nothing_happens(direct)
