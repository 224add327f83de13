"""Typing and acknowledging rows: how a person sees that the bot is at work (catalogue section 6).

What it must not do: name a platform, or wait by the clock.
"""

from tolmach_conformance.agent import fail, say, stream, wait_for
from tolmach_conformance.behaviour import MUST, SHOULD, behaviour
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect


@behaviour(190, "stream.off", MUST)
async def an_answer_is_one_post(stage: Stage) -> None:
    """With streaming off a streamed answer is one post, never edited."""
    said = await stage.alice.dm("bit by bit", agent=stream("one ", "two ", "three"))
    post = await stage.answer_to(said)
    expect(post.text.strip() == "one two three", f"posted was {post.text!r}")
    await stage.settled(await stage.alice.dm("and again"))
    direct = await stage.direct(stage.alice)
    expect(len(stage.posts(direct)) == 2, "one answer became several posts")
    expect(not stage.deeds(direct, kind="edit"), "an answer was edited")


@behaviour(201, "typing.signal", SHOULD, needs=("typing",), apart=True)
async def the_bot_is_shown_typing(stage: Stage) -> None:
    """While a turn runs the bot is shown to be typing; afterwards, also after a failure, it is not."""
    direct = await stage.direct(stage.alice)
    for ending in (say("done"), fail(500)):
        gate = stage.agent.gate()
        said = await stage.alice.dm("take your time", agent=[wait_for(gate), ending])
        started = await stage.deed("typing", room=direct, after=said.seq)
        expect(started.on, "the bot was shown to have stopped typing before it began")
        await gate.open()
        await stage.reply_to(said)
        stopped = await stage.deed("typing", room=direct, after=started.seq)
        while stopped.on:
            stopped = await stage.deed("typing", room=direct, after=stopped.seq)


@behaviour(203, "ack.reaction.scope-default", SHOULD, needs=("reactions",))
async def a_mention_is_acknowledged(stage: Stage) -> None:
    """A mention in a room gets a reaction when its turn starts; a direct message does not."""
    room, gate = await stage.room(), stage.agent.gate()
    said = await stage.alice.say(
        room, f"{stage.bot.mention} take your time", agent=[wait_for(gate), say("done")]
    )
    reaction = await stage.reaction_on(said)
    expect("eyes" in reaction.text, f"the mention was acknowledged with {reaction.text!r}")
    await gate.open()
    await stage.answer_to(said)
    await stage.settled(await stage.alice.dm("hello"))
    expect(
        not stage.deeds(await stage.direct(stage.alice), kind="reaction"), "a direct message was acknowledged"
    )


@behaviour(205, "ack.reaction.only-admitted", MUST, settings={"groupPolicy": "allowlist"})
async def a_refusal_is_not_acknowledged(stage: Stage) -> None:
    """What is refused or not meant for the bot gets no reaction."""
    room, unlisted = await stage.room(), await stage.unlisted_room()
    await stage.alice.say(room, "nobody in particular")
    await stage.otherbot.say(room, f"{stage.bot.mention} hello")
    await stage.alice.say(unlisted, f"{stage.bot.mention} hello")
    await stage.nothing_happens(room)
    await stage.nothing_happens(unlisted)


@behaviour(207, "ack.best-effort", SHOULD, needs=("reactions",), exclusive=True)
async def a_failed_acknowledgement_stops_nothing(stage: Stage) -> None:
    """A reaction that the platform refuses stops neither turn nor answer."""
    room = await stage.room()
    await stage.faults.on({"kind": "status", "status": 400}, operation="react", count=None)
    await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} hi"))
