"""Mention rows: when the bot counts as addressed in a room (catalogue section 2).

What it must not do: name a platform, or wait by the clock.
"""

from tolmach_conformance.behaviour import MUST, SHOULD, behaviour, listed
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect


@behaviour(60, "mention.room.required-by-default", MUST)
async def an_unmentioned_message_is_not_for_the_bot(stage: Stage) -> None:
    """In a room an unmentioned message starts no turn and gets no reaction."""
    room = await stage.room()
    await stage.alice.say(room, "good morning everyone")
    await stage.nothing_happens(room)


@behaviour(61, "mention.explicit.by-id", MUST)
async def a_native_mention_addresses_the_bot(stage: Stage) -> None:
    """A native mention anywhere in the text addresses the bot."""
    room = await stage.room()
    said = await stage.alice.say(room, f"dear {stage.bot.mention}, what time is it?")
    turn = await stage.turn_for(said)
    turn.agrees(mentioned=True, mention_source="explicit_bot")


@behaviour(62, "mention.explicit.no-substring", MUST)
async def a_longer_name_is_no_mention(stage: Stage) -> None:
    """``@botanist`` does not address ``@bot``."""
    room = await stage.room()
    await stage.alice.say(room, f"{stage.bot.mention}anist, water the plants")
    await stage.alice.say(room, f"someone{stage.bot.mention} is an address")
    await stage.nothing_happens(room)


@behaviour(64, "mention.here-all-not-mention", MUST)
async def calling_everybody_is_no_mention(stage: Stage) -> None:
    """``@all``, ``@here`` and ``@channel`` address everybody, and so nobody in particular."""
    room = await stage.room()
    for everybody in ("@all", "@here", "@channel"):
        await stage.alice.say(room, f"{everybody} lunch is ready")
    await stage.nothing_happens(room)


@behaviour(65, "mention.patterns.configured", SHOULD, settings={"mentionPatterns": [r"\bclaw\b"]})
async def a_configured_pattern_is_a_mention(stage: Stage) -> None:
    """A configured pattern addresses the bot, letter case aside, and only as a whole."""
    room = await stage.room()
    await stage.alice.say(room, "the clawback clause")
    await stage.nothing_happens(room)
    turn = await stage.turn_for(await stage.alice.say(room, "hey CLAW"))
    turn.agrees(mentioned=True, mention_source="mention_pattern")


@behaviour(68, "mention.implicit.reply-to-bot", MUST, needs=("threads",))
async def a_reply_to_the_bot_needs_no_mention(stage: Stage) -> None:
    """An unmentioned reply under the bot's own message addresses the bot."""
    room = await stage.room()
    post = await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} tell me something"))
    said = await stage.alice.reply(post, "go on")
    await stage.turn_for(said)
    expect((await stage.answer_to(said)).thread_id == post.id, "the answer left the thread")


@behaviour(69, "mention.implicit.thread-participation", MUST, needs=("threads",))
async def a_thread_that_the_bot_joined_stays_open(stage: Stage) -> None:
    """After the bot has answered in a thread, further replies need no mention and share its history."""
    room = await stage.room()
    root = await stage.alice.say(room, "a topic of people")
    joined = await stage.alice.reply(root, f"{stage.bot.mention} what do you think?")
    await stage.answer_to(joined)
    said = await stage.bob.reply(root, "and of the rest?")
    turn = await stage.turn_for(said)
    expect(any(joined.nonce in line.text for line in turn.history), "the turn lacks the thread's history")


@behaviour(70, "mention.implicit.other-thread", MUST, needs=("threads",))
async def a_thread_of_others_stays_shut(stage: Stage) -> None:
    """An unmentioned reply in a thread that the bot never joined starts no turn."""
    room = await stage.room()
    root = await stage.alice.say(room, "a topic of people")
    reply = await stage.bob.reply(root, "between us")
    await stage.nothing_happens(reply)


@behaviour(
    71,
    "mention.implicit.disable",
    SHOULD,
    needs=("threads",),
    settings={"implicitMentions": {"threadParticipation": False}},
)
async def taking_part_can_be_switched_off(stage: Stage) -> None:
    """With participation switched off, a thread that the bot answered still wants a mention."""
    room = await stage.room()
    root = await stage.alice.say(room, "a topic of people")
    joined = await stage.alice.reply(root, f"{stage.bot.mention} what do you think?")
    await stage.answer_to(joined)
    reply = await stage.bob.reply(root, "and of the rest?")
    await stage.nothing_happens(reply)


@behaviour(72, "mention.room-override-off", MUST, rooms={"room": listed(requireMention=False)})
async def a_room_can_do_without_mentions(stage: Stage) -> None:
    """In a room set so, every message addresses the bot."""
    room = await stage.room()
    await stage.answer_to(await stage.alice.say(room, "anybody there?"))


@behaviour(
    73,
    "mention.wildcard-default",
    SHOULD,
    settings={"groups.*": {"requireMention": False}},
    rooms={"room": listed(requireMention=True), "other": listed()},
)
async def settings_for_all_rooms_fill_in(stage: Stage) -> None:
    """What a room leaves out comes from the entry for all rooms; what it says itself wins."""
    gated, other = await stage.room(), await stage.room("other")
    await stage.alice.say(gated, "good morning everyone")
    await stage.nothing_happens(gated)
    await stage.answer_to(await stage.alice.say(other, "good morning everyone"))


@behaviour(77, "mention.stripped-for-commands-only", SHOULD)
async def the_agent_sees_the_mention(stage: Stage) -> None:
    """Only the command parser strips the mention; the agent sees it."""
    room = await stage.room()
    turn = await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} hi"))
    expect(stage.bot.mention in turn.text, "the mention was taken out of the text")
