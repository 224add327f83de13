"""Outbound rows: where an answer goes, in how many parts, and what a tool may do (catalogue section 5).

What it must not do: name a platform, or wait by the clock.
"""

from collections.abc import Mapping, Sequence

from tolmach_conformance.agent import Answers, Step, tool_call
from tolmach_conformance.behaviour import MUST, SHOULD, behaviour, listed
from tolmach_conformance.seen import Said
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect

PARAGRAPHS = "\n\n".join(
    f"Paragraph {number}: " + "all work and no play " * 12 for number in range(1, 11)
).strip()
THREE_PARTS = {"textChunkLimit": 1000}


def squeezed(text: str) -> str:
    """Return the text without white space, which a split may swallow."""
    return "".join(text.split())


@behaviour(140, "out.reply.same-place", MUST)
async def the_answer_goes_where_the_question_came_from(stage: Stage) -> None:
    """The model cannot pick another place by answering."""
    room = await stage.room()
    said = await stage.alice.say(
        room, f"{stage.bot.mention} where?", agent="[[to:elsewhere]] channel:general here"
    )
    await stage.answer_to(said)
    expect({post.room_id for post in stage.posts()} == {room.id}, "something was posted in another place")


@behaviour(141, "out.reply.in-thread-when-threaded", MUST, needs=("threads",), settings=THREE_PARTS)
async def a_question_in_a_thread_is_answered_there(stage: Stage) -> None:
    """Every part of the answer to a question in a thread is in that thread."""
    room = await stage.room()
    root = await stage.alice.say(room, "a topic")
    said = await stage.alice.reply(root, f"{stage.bot.mention} at length, please", agent=PARAGRAPHS)
    posts = await stage.answers_to(said, 3)
    expect({post.thread_id for post in posts} == {root.id}, "a part of the answer left the thread")


@behaviour(142, "out.replymode.off", MUST)
async def a_question_at_room_level_is_answered_there(stage: Stage) -> None:
    """By default the answer to a message at room level is at room level."""
    room = await stage.room()
    post = await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} hi"))
    expect(post.thread_id == "", "the answer opened a thread")


@behaviour(
    143, "out.replymode.first", SHOULD, needs=("threads",), settings={"replyToMode": "first", **THREE_PARTS}
)
async def the_first_part_can_be_threaded(stage: Stage) -> None:
    """With the first part threaded under the trigger, the rest stays at room level."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} at length, please", agent=PARAGRAPHS)
    first, *rest = await stage.answers_to(said, 3)
    expect(first.thread_id == said.id, "the first part is not under the trigger")
    expect(all(post.thread_id == "" for post in rest), "a later part is not at room level")


@behaviour(
    144, "out.replymode.all", SHOULD, needs=("threads",), settings={"replyToMode": "all", **THREE_PARTS}
)
async def all_parts_can_be_threaded(stage: Stage) -> None:
    """With all parts threaded, all of them are under the trigger."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} at length, please", agent=PARAGRAPHS)
    posts = await stage.answers_to(said, 3)
    expect({post.thread_id for post in posts} == {said.id}, "a part is not under the trigger")


@behaviour(147, "out.replytag.stripped", MUST)
async def reply_tags_are_not_shown(stage: Stage) -> None:
    """Reply tags are taken out of what is posted, letter case and blanks aside; code keeps them."""
    said = await stage.alice.dm("tag it", agent="[[ Reply_To_Current ]] the text `[[reply_to_current]]`")
    post = await stage.answer_to(said)
    expect(post.text.strip() == "the text `[[reply_to_current]]`", f"posted was {post.text!r}")


@behaviour(
    148,
    "out.replytag.current",
    SHOULD,
    needs=("threads",),
    rooms={"room": listed(replyToMode="all"), "off": listed(replyToMode="off")},
)
async def a_reply_tag_threads_the_answer(stage: Stage) -> None:
    """A tag for the current message puts the answer under the trigger, unless threading is off."""
    room, off = await stage.room(), await stage.room("off")
    tagged = "[[reply_to_current]] under you"
    said = await stage.alice.say(room, f"{stage.bot.mention} tag it", agent=tagged)
    expect((await stage.answer_to(said)).thread_id == said.id, "the answer is not under the trigger")
    said = await stage.alice.say(off, f"{stage.bot.mention} tag it", agent=tagged)
    post = await stage.answer_to(said)
    expect(post.thread_id == "", "a tag opened a thread although threading is off")
    expect(post.text.strip() == "under you", f"posted was {post.text!r}")


@behaviour(150, "out.text.nonempty", MUST)
async def an_empty_answer_is_not_posted(stage: Stage) -> None:
    """White space is no answer: nothing is posted in the room, and the next turn works."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} say nothing", agent="  \n\t ")
    await stage.agent.answered(await stage.turn_for(said))
    await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} say something"))
    posts = stage.posts(room)
    expect(all(post.text.strip() for post in posts), "white space was posted")
    expect(len(posts) == 1, f"{len(posts)} posts came of one answer with text")


@behaviour(151, "out.chunk.length", MUST, apart=True)
async def a_long_answer_is_split(stage: Stage) -> None:
    """An answer of three times the platform's limit comes in order, in parts that fit, and whole."""
    words = " ".join(f"word{number}" for number in range(stage.max_text * 3 // 8))
    said = await stage.alice.dm("at length, please", agent=words)
    turn = await stage.turn_for(said)
    await stage.agent.answered(turn)
    await stage.answers_to(said, 3)
    short = await stage.alice.dm("and now shortly")
    last = await stage.answer_to(short)
    posts = [
        post for post in stage.posts(await stage.direct(stage.alice), after=turn.seq) if post.seq < last.seq
    ]
    expect(all(stage.size(post.text) <= stage.max_text for post in posts), "a part is over the limit")
    expect("".join(squeezed(post.text) for post in posts) == squeezed(words), "something was lost or moved")


@behaviour(171, "out.react.add", MUST, needs=("tools", "reactions"))
async def a_reaction_is_added_once(stage: Stage) -> None:
    """Name, name in colons and glyph add the same one reaction; twice is a success, no name is an error."""
    forms = ("thumbsup", ":thumbsup:", "\N{THUMBS UP SIGN}", "thumbsup")
    calls: Sequence[Step] = [tool_call("message", action="react", emoji=form) for form in forms]
    answers: Answers = [*calls, "done"]
    said = await stage.alice.dm("react to this", agent=answers)
    await stage.answer_to(said)
    expect(await _reactors(stage, said, "thumbsup") == [stage.bot.name], "not exactly one reaction resulted")
    expect(len(stage.requests_for(said)) == len(forms) + 1, "a tool call was not answered")
    last = stage.requests_for(said)[-1]
    results = [line.text.casefold() for line in last.tail if line.role == "tool"]
    expect(
        not any("error" in result for result in results), f"a reaction was answered with an error: {results}"
    )


@behaviour(172, "out.react.remove-one", MUST, needs=("tools", "reactions"))
async def a_reaction_is_taken_away(stage: Stage) -> None:
    """Removing takes the bot's own reaction and nobody else's; removing what is not there is a success."""
    add, remove = (
        tool_call("message", action="react", emoji="thumbsup", remove=gone) for gone in (False, True)
    )
    missing = tool_call("message", action="react", emoji="tada", remove=True)
    answers: Answers = [add, remove, remove, "done"]
    room = await stage.room()
    trigger = await stage.alice.say(room, f"{stage.bot.mention} react and think again", agent=answers)
    await stage.bob.react(trigger, "thumbsup")
    await stage.answer_to(trigger)
    expect(
        await _reactors(stage, trigger, "thumbsup") == [stage.bob.name],
        "not exactly the other's reaction is left",
    )
    bare = await stage.alice.dm("take away what is not there", agent=[missing, "done"])
    await stage.answer_to(bare)
    expect(await _reactors(stage, bare, "tada") == [], "removing a missing reaction added it")


async def _reactors(stage: Stage, message: Said, emoji: str) -> list[str]:
    """Return the handles of those whose reaction stands on a message, in order."""
    reactions = (await stage.stored(message)).get("reactions")
    entry = reactions.get(emoji, reactions.get(f":{emoji}:")) if isinstance(reactions, Mapping) else None
    people = entry.get("usernames") if isinstance(entry, Mapping) else None
    return [str(person) for person in people] if isinstance(people, Sequence) else []
