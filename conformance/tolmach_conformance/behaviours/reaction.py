"""Inbound reaction rows: which reactions the agent is told of, and how (catalogue section 8).

What it must not do: name a platform, or wait by the clock.
"""

from tolmach_conformance.behaviour import MUST, SHOULD, behaviour, listed
from tolmach_conformance.seen import Post, Room, Turn
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect


async def post_in(stage: Stage, room: Room) -> Post:
    """Return an answer of the bot to react to."""
    return await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} say something"))


async def next_turn(stage: Stage, room: Room) -> Turn:
    """Return the room's next turn, which carries what has happened since."""
    return await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} what is new?"))


@behaviour(240, "react.in.mode-own-default", MUST, needs=("system-events",))
async def reactions_to_the_bot_are_told(stage: Stage) -> None:
    """By default a reaction to the bot's message is told with the next turn; one to another's is not."""
    room = await stage.room()
    post = await post_in(stage, room)
    other = await stage.bob.say(room, "something of a person")
    await stage.alice.react(post, "thumbsup")
    await stage.alice.react(other, "tada")
    turn = await next_turn(stage, room)
    expect(len(turn.lines("thumbsup")) == 1, "no line about the reaction to the bot's message")
    expect(not any("tada" in str(line) for line in _stated(turn)), "a reaction to another's message was told")


@behaviour(241, "react.in.text", MUST, needs=("system-events",))
async def the_line_about_a_reaction_is_complete(stage: Stage) -> None:
    """The line names what was done, the emoji in colons, the person, the room and the message."""
    room = await stage.room()
    post = await post_in(stage, room)
    await stage.bob.react(post, "thumbsup")
    turn = await next_turn(stage, room)
    found = turn.lines("added", ":thumbsup:", stage.bob.display, room.name, post.id)
    expect(len(found) == 1, f"no line with all parts among {_stated(turn)}")


@behaviour(242, "react.in.removed", MUST, needs=("system-events",))
async def a_removed_reaction_is_told(stage: Stage) -> None:
    """Taking a reaction away is told as such."""
    room = await stage.room()
    post = await post_in(stage, room)
    await stage.alice.react(post, "thumbsup")
    await stage.alice.unreact(post, "thumbsup")
    turn = await next_turn(stage, room)
    expect(len(turn.lines("removed", "thumbsup")) == 1, f"no line about the removal among {_stated(turn)}")


@behaviour(
    243, "react.in.mode-off", MUST, needs=("system-events",), settings={"reactionNotifications": "off"}
)
async def reports_of_reactions_can_be_off(stage: Stage) -> None:
    """Switched off, no reaction is told."""
    room = await stage.room()
    await stage.alice.react(await post_in(stage, room), "thumbsup")
    expect(not _stated(await next_turn(stage, room)), "a reaction was told although reports are off")


@behaviour(
    244, "react.in.mode-all", SHOULD, needs=("system-events",), settings={"reactionNotifications": "all"}
)
async def reactions_to_anybody_can_be_told(stage: Stage) -> None:
    """Set so, a reaction to anybody's message in an allowed room is told."""
    room = await stage.room()
    other = await stage.bob.say(room, "something of a person")
    await stage.alice.react(other, "tada")
    expect(len((await next_turn(stage, room)).lines("tada")) == 1, "no line about the reaction")


@behaviour(246, "react.in.policy", MUST, needs=("system-events",), rooms={"room": listed(users=["{alice}"])})
async def a_strangers_reaction_is_not_told(stage: Stage) -> None:
    """Somebody outside the room's list reacts in vain."""
    room = await stage.room()
    await stage.bob.react(await post_in(stage, room), "thumbsup")
    expect(not _stated(await next_turn(stage, room)), "a stranger's reaction was told")


@behaviour(
    247,
    "react.in.own-reaction",
    MUST,
    needs=("system-events", "reactions"),
    settings={"reactionNotifications": "all"},
)
async def the_bots_own_reactions_are_not_told(stage: Stage) -> None:
    """The bot's acknowledging reaction does not come back as an event."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} say something")
    await stage.reaction_on(said)
    await stage.answer_to(said)
    expect(not _stated(await next_turn(stage, room)), "the bot was told of its own reaction")


@behaviour(248, "react.in.distinct-events", SHOULD, needs=("system-events",))
async def each_change_of_a_reaction_is_told(stage: Stage) -> None:
    """Added, removed and added again are three lines, in order."""
    room = await stage.room()
    post = await post_in(stage, room)
    await stage.alice.react(post, "thumbsup")
    await stage.alice.unreact(post, "thumbsup")
    await stage.alice.react(post, "thumbsup")
    lines = (await next_turn(stage, room)).lines("thumbsup")
    words = ["removed" if "removed" in line.casefold() else "added" for line in lines]
    expect(words == ["added", "removed", "added"], f"the lines say {words}")


@behaviour(249, "react.in.no-wake", SHOULD, needs=("system-events",))
async def a_reaction_wakes_nobody(stage: Stage) -> None:
    """A reaction alone starts no turn."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} say something")
    await stage.alice.react(await stage.answer_to(said), "thumbsup")
    await stage.nothing_happens(room, after=said)


def _stated(turn: Turn) -> list[object]:
    """Return the system lines that the subject states; a subject that states none cannot be judged."""
    lines = turn.fact("system_lines")
    return list(lines) if isinstance(lines, list) else []
