"""Delivery rows: events that the platform hands to an address of the subject (catalogue sections 2 and 9).

What it must not do: name a platform, or wait by the clock.

Where the suite delivers an event itself, the event tells of a message that exists, so that a subject that
looks it up finds it. The message is older than the bot's membership in its room: nobody has told the bot of
it before, by delivery or in a history of events, and no subject that catches up on what it missed takes it
for missed. What the suite delivers is the only way in which it can start a turn.
"""

import re

from tolmach_conformance.agent import say, wait_for
from tolmach_conformance.behaviour import MUST, SHOULD, RoomSpec, behaviour
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect

BEFORE_THE_BOT = {"room": RoomSpec(with_bot=False)}
# A mention in a thread would bring the bot into it, and the platform would deliver the message itself.
UNASKED_BEFORE_THE_BOT = {"room": RoomSpec(with_bot=False, settings={"requireMention": False})}
TOO_OLD = 90.0
"""Seconds; a delivery may be sixty old."""
TRIES = 3


@behaviour(37, "inbound.ack-before-work", MUST, needs=("webhook",))
async def a_delivery_is_acknowledged_before_the_work(stage: Stage) -> None:
    """While the agent is held, the delivery that started its turn has its answer already, within a second."""
    room = await stage.room()
    seconds: list[int] = []
    for _ in range(TRIES):
        gate = stage.agent.gate()
        said = await stage.alice.say(
            room, f"{stage.bot.mention} take your time", agent=[wait_for(gate), say("done")]
        )
        await stage.turn_for(said)
        # The gate is still closed: whatever the journal holds now came before the agent's answer.
        delivery = await stage.webhook.delivered(said)
        how = delivery.status or delivery.outcome
        expect(200 <= delivery.status < 300, f"a delivery was not acknowledged while the agent works: {how}")
        seconds.append(delivery.seconds)
        await gate.open()
        await stage.answer_to(said)
    # A busy machine may hold up one of them; who is slow by nature is slow every time.
    expect(min(seconds) < 1, f"the quickest of {TRIES} acknowledgements took {min(seconds)} s")


@behaviour(273, "rel.webhook.signature", MUST, needs=("webhook",), rooms=BEFORE_THE_BOT)
async def a_forged_delivery_is_refused(stage: Stage) -> None:
    """Signed by nobody, by somebody else, or long ago: refused, no turn, and its text stands in no log."""
    room = await stage.room()
    good, foreign, unsigned, stale = [
        await stage.alice.say(room, f"{stage.bot.mention} {word}")
        for word in ("genuine", "forged", "unsigned", "old")
    ]
    await stage.alice.invite(room, stage.bot)
    # The genuine one first: a dead address refuses everything, too.
    status = await stage.webhook.deliver(await stage.webhook.event(good))
    expect(200 <= status < 300, f"a genuine delivery was answered with {status}")
    await stage.answer_to(good)
    statuses = {
        "with a foreign signature": await stage.webhook.deliver(
            await stage.webhook.event(foreign), signature="foreign"
        ),
        "without a signature": await stage.webhook.deliver(
            await stage.webhook.event(unsigned), signature="none"
        ),
        f"{TOO_OLD:g} s old": await stage.webhook.deliver(await stage.webhook.event(stale, age=TOO_OLD)),
    }
    # First what it led to, then what was answered: a turn is worse than a wrong status.
    await stage.nothing_happens(room)
    for what, answered in statuses.items():
        expect(400 <= answered < 500, f"a delivery {what} was answered with {answered}")
    output = stage.subject.output()
    for said in (foreign, unsigned, stale):
        expect(said.nonce not in output, "the text of a refused delivery stands in the output")


@behaviour(274, "rel.webhook.replay", SHOULD, needs=("webhook",), rooms=BEFORE_THE_BOT)
async def a_replayed_delivery_starts_nothing(stage: Stage) -> None:
    """The same signed bytes again, during the turn and after it, start no second turn."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.bot.mention} once, please")
    await stage.alice.invite(room, stage.bot)
    event = await stage.webhook.event(said)
    status = await stage.webhook.deliver(event)
    expect(200 <= status < 300, f"a genuine delivery was answered with {status}")
    await stage.webhook.deliver(event)
    await stage.answer_to(said)
    await stage.no_repeat(said)
    await stage.webhook.deliver(event)
    await stage.no_repeat(said)


@behaviour(
    131,
    "session.thread.ambiguous",
    SHOULD,
    needs=("webhook", "threads"),
    rooms=UNASKED_BEFORE_THE_BOT,
    exclusive=True,
)
async def a_reply_of_an_unknown_thread_starts_nothing(stage: Stage) -> None:
    """A reply whose event does not name its thread is looked up; where that fails it starts no turn."""
    room = await stage.room()
    roots = [await stage.alice.say(room, "a topic") for _ in range(2)]
    found, lost = [await stage.alice.reply(root, "and this?") for root in roots]
    await stage.alice.invite(room, stage.bot)
    # First where the lookup works: a subject that drops every such event has looked nothing up.
    await stage.webhook.deliver(await stage.webhook.event(found, placed=False))
    answer = await stage.answer_to(found)
    expect(answer.thread_id == roots[0].id, "the answer is not in the thread of the reply")
    await stage.faults.on({"kind": "status", "status": 404}, operation="thread", count=None)
    await stage.webhook.deliver(await stage.webhook.event(lost, placed=False))
    await stage.nothing_happens(room)


@behaviour(
    275,
    "rel.webhook.path-unique",
    SHOULD,
    needs=("webhook",),
    accounts=2,
    second_settings={"webhookPath": "{bot.route}"},
)
async def a_path_has_one_account(stage: Stage) -> None:
    """Of two accounts with one path the first works, the second is not served; a line of the log says why."""
    room = await stage.room()
    await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} hello"))
    other = await stage.alice.say(room, f"{stage.second.mention} and you?")
    await stage.webhook.deliver(await stage.webhook.event(other), signer=stage.second)
    await stage.nothing_happens(room)
    second, setting = stage.subject.second_name(), stage.subject.setting_name("webhookPath")
    reason = f"({re.escape(setting)}|{re.escape(stage.webhook.route)})"
    told = await stage.subject.logged(rf"(?=.*{re.escape(second)}).*{reason}")
    expect(told, f"no line of the log names the account {second} and the path that is taken")
