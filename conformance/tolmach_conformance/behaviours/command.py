"""Command rows: what the bot does without asking the agent (catalogue section 7).

What it must not do: name a platform, or wait by the clock.
"""

import re

from tolmach_conformance.agent import say, wait_for
from tolmach_conformance.behaviour import MUST, SHOULD, behaviour, listed
from tolmach_conformance.seen import Post
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect

OPERATORS = {"commandAllowFrom": ["{alice}"]}
MODELS = {"models": ["model-one", "model-two"], **OPERATORS}


@behaviour(48, "inbound.body.clean-command-text", MUST, needs=("commands",))
async def a_command_is_read_without_the_mention(stage: Stage) -> None:
    """The mention before a command, and blanks around it, are not part of the command."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention}   !status  ", nonce=False)
    await stage.reply_to(said)
    await stage.no_turn(said)


@behaviour(76, "mention.command-bypass", SHOULD, needs=("commands",))
async def a_bare_command_needs_no_mention(stage: Stage) -> None:
    """A bare command works in a room that waits for mentions, unless it mentions somebody else."""
    room = await stage.room()
    await stage.alice.say(room, f"@{stage.bob.name} !status", nonce=False)
    await stage.nothing_happens(room)
    await stage.reply_to(await stage.alice.say(room, "!status", nonce=False))


@behaviour(210, "cmd.prefix.not-to-model", MUST, needs=("commands",))
async def a_command_does_not_reach_the_agent(stage: Stage) -> None:
    """A command is answered in the same chat without asking the agent."""
    said = await stage.alice.dm("!status", nonce=False)
    post = await stage.reply_to(said)
    expect(post.room_id == said.room_id, "the answer went elsewhere")
    await stage.no_turn(said)


@behaviour(211, "cmd.prefix.trim", MUST, needs=("commands",))
async def only_what_begins_with_the_mark_is_a_command(stage: Stage) -> None:
    """Blanks may precede a command; a command inside a text, or the mark alone, is plain text."""
    command = await stage.alice.dm("   !status", nonce=False)
    await stage.reply_to(command)
    await stage.no_turn(command)
    await stage.answer_to(await stage.alice.dm("see !status"))
    await stage.answer_to(await stage.alice.dm("!"))


@behaviour(212, "cmd.map.status", MUST, needs=("commands",))
async def status_tells_model_session_and_uptime(stage: Stage) -> None:
    """The status tells the model, the session of this place and how long the bot has been up."""
    room = await stage.room()
    post = await stage.reply_to(await stage.alice.say(room, f"{stage.bot.mention} !status", nonce=False))
    said = post.text.casefold()
    expect("model" in said, "the status does not tell the model")
    expect(room.id in post.text, "the status does not tell the session")
    expect(re.search(r"\bup(time)?\b", said) is not None, "the status does not tell the uptime")


@behaviour(213, "cmd.map.model", MUST, needs=("commands",), settings=MODELS, rooms={"other": listed()})
async def model_changes_this_session(stage: Stage) -> None:
    """The model command changes the model of this session only; an unknown model changes nothing."""
    room, other = await stage.room(), await stage.room("other")
    await stage.reply_to(await stage.alice.say(room, f"{stage.bot.mention} !model model-two", nonce=False))
    await stage.reply_to(
        await stage.alice.say(room, f"{stage.bot.mention} !model no-such-model", nonce=False)
    )
    turn = await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} hi"))
    expect(turn.model == "model-two", f"the next request asks for {turn.model!r}")
    elsewhere = await stage.turn_for(await stage.alice.say(other, f"{stage.bot.mention} hi"))
    expect(elsewhere.model != "model-two", "another session's model changed too")


@behaviour(214, "cmd.map.stop", MUST, needs=("commands",), settings=OPERATORS)
async def stop_ends_the_running_turn(stage: Stage) -> None:
    """Stop is confirmed, the running answer is never posted, and the next turn works."""
    room, gate = await stage.room(), stage.agent.gate()
    held = await stage.alice.say(room, f"{stage.bot.mention} slowly", agent=[wait_for(gate), say("too late")])
    turn = await stage.turn_for(held)
    stop = await stage.alice.say(room, f"{stage.bot.mention} !stop", nonce=False)
    await stage.reply_to(stop)
    await gate.open()
    await stage.agent.answered(turn)
    await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} and now?"))
    expect(not any("too late" in post.text for post in stage.posts(room)), "a stopped turn was answered")
    idle = await stage.alice.say(room, f"{stage.bot.mention} !stop", nonce=False)
    await stage.reply_to(idle)


@behaviour(215, "cmd.stop.words", SHOULD, needs=("commands",), settings=OPERATORS)
async def words_for_stopping_stop(stage: Stage) -> None:
    """A message that is nothing but a word for stopping stops; one that only contains it does not."""
    for words in ("please stop", "СТОП!"):
        gate = stage.agent.gate()
        held = await stage.alice.dm("slowly", agent=[wait_for(gate), say("too late")])
        turn = await stage.turn_for(held)
        await stage.reply_to(await stage.alice.dm(words, nonce=False))
        await gate.open()
        await stage.agent.answered(turn)
    await stage.answer_to(await stage.alice.dm("stop the presses"))
    direct = await stage.direct(stage.alice)
    expect(not any("too late" in post.text for post in stage.posts(direct)), "a stopped turn was answered")


@behaviour(216, "cmd.operators.allow", MUST, needs=("commands",), settings=MODELS)
async def an_operator_may_change_the_model(stage: Stage) -> None:
    """A named operator's model command in a room is carried out."""
    room = await stage.room()
    await stage.reply_to(await stage.alice.say(room, f"{stage.bot.mention} !model model-one", nonce=False))
    turn = await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} hi"))
    expect(turn.model == "model-one", f"the next request asks for {turn.model!r}")


@behaviour(
    217, "cmd.operators.default-deny", MUST, needs=("commands",), settings={"models": MODELS["models"]}
)
async def without_operators_nobody_changes_anything(stage: Stage) -> None:
    """With no operators named, changing commands in a room do nothing, at the agent too; status works."""
    room = await stage.room()
    denied = await stage.alice.say(room, f"{stage.bot.mention} !model model-two", nonce=False)
    await stage.no_turn(denied)
    turn = await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} hi"))
    expect(turn.model != "model-two", "somebody who is no operator changed the model")
    await stage.settled(await stage.bob.say(room, f"{stage.bot.mention} hi"))
    status = await stage.alice.say(room, f"{stage.bot.mention} !status", nonce=False)
    await stage.reply_to(status)


@behaviour(
    218, "cmd.unauthorised-sender", MUST, needs=("commands",), rooms={"room": listed(users=["{alice}"])}
)
async def a_strangers_command_meets_silence(stage: Stage) -> None:
    """A command of somebody outside the room's list is not answered."""
    room = await stage.room()
    await stage.bob.say(room, f"{stage.bot.mention} !status", nonce=False)
    await stage.nothing_happens(room, by=stage.alice)
    await stage.reply_to(await stage.alice.say(room, f"{stage.bot.mention} !status", nonce=False))


@behaviour(219, "cmd.denied-operator-visible", SHOULD, needs=("commands",), settings=MODELS)
async def a_refused_command_is_never_answered_in_private(stage: Stage) -> None:
    """Somebody who may talk but is no operator changes nothing, and gets no direct message about it."""
    room = await stage.room()
    denied = await stage.bob.say(room, f"{stage.bot.mention} !model model-two", nonce=False)
    await stage.no_turn(denied)
    turn = await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} hi"))
    expect(turn.model != "model-two", "somebody who is no operator changed the model")
    expect(not stage.posts(await stage.direct(stage.bob)), "the refusal came in a direct chat")


@behaviour(221, "cmd.reply-target", MUST, needs=("commands", "threads"))
async def a_command_is_answered_in_its_thread(stage: Stage) -> None:
    """The answer to a command in a thread is in that thread."""
    room = await stage.room()
    root = await stage.alice.say(room, "a topic")
    post = await stage.reply_to(await stage.alice.reply(root, f"{stage.bot.mention} !status", nonce=False))
    expect(post.thread_id == root.id, "the answer left the thread")


@behaviour(222, "cmd.case", SHOULD, needs=("commands",))
async def letter_case_does_not_matter(stage: Stage) -> None:
    """A command in capitals is the same command."""
    small = await stage.reply_to(await stage.alice.dm("!status", nonce=False))
    said = await stage.alice.dm("!STATUS", nonce=False)
    post = await stage.reply_to(said)
    expect(_first_line(post) == _first_line(small), "the answer is not that to the command in small letters")
    await stage.no_turn(said)


@behaviour(223, "cmd.unknown", SHOULD, needs=("commands",))
async def an_unknown_command_does_not_reach_the_agent(stage: Stage) -> None:
    """A command that nobody knows stays a command."""
    said = await stage.alice.dm("!frobnicate")
    await stage.no_turn(said)


@behaviour(225, "cmd.bypass-queue", MUST, needs=("commands",), settings=OPERATORS)
async def status_does_not_wait_for_a_turn(stage: Stage) -> None:
    """Status is answered while a turn runs, not after it."""
    room, gate = await stage.room(), stage.agent.gate()
    held = await stage.alice.say(room, f"{stage.bot.mention} slowly", agent=[wait_for(gate), say("done")])
    await stage.turn_for(held)
    status = await stage.reply_to(await stage.alice.say(room, f"{stage.bot.mention} !status", nonce=False))
    await gate.open()
    answer = await stage.answers_to(held, 2)
    expect(status.seq < answer[-1].seq, "the status waited for the turn")


def _first_line(post: Post) -> str:
    """Return how an answer begins, without numbers, which may differ from one time to the next."""
    return re.sub(r"\d+", "", (post.text.strip().splitlines() or [""])[0])
