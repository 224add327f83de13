"""Reliability rows: refusals, unclear outcomes, dead credentials, failing turns (catalogue section 9).

What it must not do: name a platform, or wait by the clock.
"""

from tolmach_conformance.agent import fail, raw
from tolmach_conformance.behaviour import MUST, SHOULD, behaviour
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect


@behaviour(260, "rel.send.429", MUST)
async def a_refusal_for_pace_is_waited_out(stage: Stage) -> None:
    """Refused for pace, the post is repeated after the stated time, and exactly one message results."""
    room = await stage.room()
    await stage.faults.on({"kind": "rate_limit", "wait": 2.0}, operation="send", room_id=room.id)
    said = await stage.alice.say(room, f"{stage.bot.mention} hi")
    post = await stage.answer_to(said)
    refused = [call for call in stage.calls("send") if call.get("status") == 429]
    expect(len(refused) == 1, f"{len(refused)} posts were refused, expected the first one")
    waited = post.at - float(str(refused[0]["at"]))
    expect(waited >= 2.0, f"the repeat came after {waited:.1f} s, two were asked for")
    expect(len(stage.posts(room)) == 1, "more than one message resulted")


@behaviour(261, "rel.send.no-replay-on-unknown", MUST)
async def an_unclear_post_is_looked_up(stage: Stage) -> None:
    """A post whose answer was cut off after it was made is not made a second time."""
    room = await stage.room()
    await stage.faults.on({"kind": "cut_after_commit"}, operation="send", room_id=room.id)
    said = await stage.alice.say(room, f"{stage.bot.mention} hi", agent="said exactly once")
    await stage.settled(said)
    again = await stage.alice.say(room, f"{stage.bot.mention} and again")
    await stage.reply_to(again)
    texts = [str(message.get("msg", message.get("text", ""))) for message in await stage.messages(room)]
    expect(
        texts.count("said exactly once") == 1, f"the answer stands {texts.count('said exactly once')} times"
    )


@behaviour(263, "rel.permanent-error", MUST)
async def a_final_refusal_is_not_repeated(stage: Stage) -> None:
    """A post that the platform refuses for good is tried once, and the next answer is posted."""
    room = await stage.room()
    refusal = {"success": False, "error": "Not allowed [error-not-allowed]", "errorType": "error-not-allowed"}
    await stage.faults.on(
        {"kind": "status", "status": 400, "body": refusal}, operation="send", room_id=room.id
    )
    said = await stage.alice.say(room, f"{stage.bot.mention} hi", agent="refused for good")
    await stage.agent.answered(await stage.turn_for(said))
    await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} still there?"))
    refused = [call for call in stage.calls("send") if call.get("status") == 400]
    expect(len(refused) == 1, f"the refused post was tried {len(refused)} times")
    expect(
        not any("refused for good" in post.text for post in stage.posts(room)), "a refused post was repeated"
    )


@behaviour(264, "rel.auth-error-nonretry", MUST, destructive=True)
async def a_dead_credential_stops_the_account(stage: Stage) -> None:
    """After the first refused credential the platform is asked nothing more, and nothing is answered."""
    await stage.settled(await stage.alice.dm("hello"))
    await stage.faults.revoke()
    noticed = await stage.alice.dm("what this needs is refused")
    await stage.shut_out(after=noticed)
    after = await stage.alice.dm("and now?")
    await stage.nothing_happens(stage.alice, after=after)
    expect(not stage.turns_for(after), "a message was handled with a dead credential")


@behaviour(265, "rel.revocation.bound", MUST, destructive=True, clock=True)
async def a_revoked_credential_is_noticed_in_time(stage: Stage) -> None:
    """Five minutes after a revocation nothing is handled any more, although the connection lives on."""
    await stage.settled(await stage.alice.dm("hello"))
    await stage.faults.revoke()
    await stage.faults.advance(301)
    await stage.probed()
    said = await stage.alice.dm("is anybody listening?")
    await stage.nothing_happens(stage.alice, after=said)
    expect(not stage.turns_for(said), "a message was handled five minutes after the revocation")


@behaviour(272, "rel.handler-isolated", MUST, exclusive=True)
async def a_malformed_event_is_survived(stage: Stage) -> None:
    """Garbage and half-made events are dropped; the next event works."""
    await stage.settled(await stage.alice.dm("hello"))
    for garbage in (
        "this is not JSON {",
        "[]",
        '{"msg":"changed","collection":"stream-room-messages","id":"id","fields":null}',
        '{"msg":"changed","collection":"stream-room-messages","id":"id","fields":{"eventName":"__my_messages__","args":[7]}}',
        '{"msg":"no-such-frame"}',
    ):
        await stage.faults.frame(garbage)
    await stage.answer_to(await stage.alice.dm("still there?"))


@behaviour(279, "rel.error-notice", SHOULD)
async def a_failed_turn_is_told_in_one_line(stage: Stage) -> None:
    """When the agent fails or answers nonsense, a direct message gets one short notice without internals."""
    inner: dict[str, object] = {
        "error": {"message": "KeyError in /srv/agent/secret.py", "type": "server_error"}
    }
    direct = await stage.direct(stage.alice)
    for number, step in enumerate((fail(500, inner), raw("<html>not an answer</html>")), start=1):
        said = await stage.alice.dm("this will fail", agent=step)
        post = await stage.reply_to(said)
        expect("secret.py" not in post.text and "KeyError" not in post.text, "the notice tells internals")
        expect("<html" not in post.text and "Traceback" not in post.text, "the notice tells internals")
        expect(len(post.text) < 300, "the notice is not short")
        await stage.no_repeat(said)
        expect(len(stage.posts(direct)) == number, "a failure was told more than once")
    await stage.answer_to(await stage.alice.dm("works again?"))


@behaviour(278, "rel.multi-account.isolation", MUST, accounts=2, destructive=True)
async def two_accounts_share_nothing(stage: Stage) -> None:
    """Each account answers what is said to it; revoking one leaves the other working."""
    room = await stage.room()
    to_first = await stage.alice.say(room, f"{stage.bot.mention} you first")
    await stage.answer_to(to_first)
    to_second = await stage.alice.say(room, f"{stage.second.mention} you second")
    await stage.post_of(stage.second, to_second)
    expect(len(stage.posts(room)) == 1, "the first account answered for the second")
    await stage.faults.revoke()
    dead = await stage.alice.say(room, f"{stage.bot.mention} are you gone?")
    await stage.shut_out(after=dead)
    again = await stage.alice.say(room, f"{stage.second.mention} and you?")
    await stage.post_of(stage.second, again)
    expect(len(stage.posts(room)) == 1, "a revoked account answered")
