"""Pairing rows: strangers, codes and the operator's approval (catalogue section 3).

What it must not do: name a platform, or wait by the clock.
"""

import re

from tolmach_conformance.behaviour import MUST, SHOULD, UNSET, behaviour, listed
from tolmach_conformance.seen import Post
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import Failed, expect

PAIRING = {"dmPolicy": "pairing"}
CODE = re.compile(r"(?<![A-Za-z0-9])[A-HJ-NP-Z2-9]{8}(?![A-Za-z0-9])")


def code_in(post: Post) -> str:
    """Return the pairing code of a post: eight of A-Z and 2-9 without I and O, standing alone."""
    found: list[str] = [word for word in CODE.findall(post.text) if not word.isalpha() or word.isupper()]
    if not found:
        raise Failed(f"no pairing code of eight characters in {post.text!r}")
    return found[0]


@behaviour(80, "access.dm.policy-default-pairing", MUST, settings={"dmPolicy": UNSET}, uses={"pairing": 1})
async def a_stranger_gets_a_code(stage: Stage) -> None:
    """With no policy set, a stranger's direct message gets one pairing code and starts no turn."""
    said = await stage.bob.dm("hello, I am new")
    code_in(await stage.reply_to(said))
    await stage.no_turn(said)
    expect(len(stage.posts(await stage.direct(stage.bob))) == 1, "more than one message came back")


@behaviour(81, "access.dm.pairing.code-format", MUST, settings=PAIRING, uses={"pairing": 1})
async def a_code_can_be_read_out(stage: Stage) -> None:
    """The code has eight unmistakable characters and comes with the stranger's id and the command."""
    post = await stage.reply_to(await stage.bob.dm("hello, I am new"))
    code = code_in(post)
    expect(stage.bob.id in post.text, "the message does not name the stranger's own id")
    expect("approve" in post.text, "the message does not name the command to approve")
    expect(stage.platform in post.text.casefold().replace(".", ""), "the message does not name the channel")
    expect(not set(code) & set("01IO"), "the code holds a character that can be mistaken")


@behaviour(82, "access.dm.pairing.code-once", MUST, settings=PAIRING, uses={"pairing": 1})
async def a_stranger_gets_one_code(stage: Stage) -> None:
    """Further messages of the same stranger get nothing more."""
    first = await stage.bob.dm("hello, I am new")
    await stage.reply_to(first)
    for text in ("hello?", "anybody?", "why so silent?"):
        last = await stage.bob.dm(text)
        expect(last.room_id == first.room_id, "the direct chat changed")
    await stage.nothing_happens(stage.bob, after=first)


@behaviour(
    83,
    "access.dm.pairing.expiry",
    SHOULD,
    needs=("operator.approve",),
    settings=PAIRING,
    uses={"pairing": 1},
    clock=True,
)
async def a_code_is_good_for_an_hour(stage: Stage) -> None:
    """An hour after the first message, whatever came since, there is a new code and the old one is dead."""
    old = code_in(await stage.reply_to(await stage.bob.dm("hello, I am new")))
    await stage.faults.advance(1800)
    await stage.bob.dm("still waiting")
    await stage.faults.advance(1830)
    new = code_in(await stage.reply_to(await stage.bob.dm("hello again")))
    expect(new != old, "the old code was sent again")
    expect(not await stage.subject.approve(old), "the old code was approved after an hour")
    expect(await stage.subject.approve(new), "the approve command failed")


@behaviour(
    84,
    "access.dm.pairing.cap",
    SHOULD,
    settings=PAIRING,
    uses={"pairing": 3},
    people=("carol", "dave", "erin"),
)
async def three_strangers_may_wait(stage: Stage) -> None:
    """Three strangers get codes, a fourth meets silence."""
    for name in ("carol", "dave", "erin"):
        code_in(await stage.reply_to(await stage.person(name).dm("hello, I am new")))
    await stage.bob.dm("hello, I am new too")
    await stage.nothing_happens(stage.bob)


@behaviour(
    85,
    "access.dm.pairing.message-not-processed",
    MUST,
    needs=("operator.approve",),
    settings=PAIRING,
    uses={"pairing": 1},
)
async def what_came_before_the_approval_is_gone(stage: Stage) -> None:
    """After the approval the earlier message is not handled; the next one is."""
    early = await stage.bob.dm("before the approval")
    expect(await stage.subject.approve(code_in(await stage.reply_to(early))), "the approve command failed")
    turn = await stage.turn_for(await stage.bob.dm("after the approval"))
    expect(early.nonce not in turn.everything, "the message from before the approval reached the agent")
    expect(not stage.turns_for(early), "the message from before the approval started a turn")


@behaviour(
    86, "access.dm.pairing.approve", MUST, needs=("operator.approve",), settings=PAIRING, uses={"pairing": 1}
)
async def an_approved_stranger_is_heard(stage: Stage) -> None:
    """The operator approves the code in any letter case; an unknown code does nothing."""
    code = code_in(await stage.reply_to(await stage.bob.dm("hello, I am new")))
    expect(not await stage.subject.approve("AAAAAAAA"), "an unknown code was approved")
    expect(await stage.subject.approve(code.lower()), "the approve command failed")
    await stage.answer_to(await stage.bob.dm("here I am"))


@behaviour(
    88,
    "access.dm.pairing.not-group",
    MUST,
    needs=("operator.approve",),
    settings=PAIRING,
    uses={"pairing": 1},
    rooms={"room": listed(users=["{alice}"])},
)
async def being_paired_opens_no_room(stage: Stage) -> None:
    """A paired person outside a room's list is not heard there."""
    room = await stage.room()
    code = code_in(await stage.reply_to(await stage.bob.dm("hello, I am new")))
    expect(await stage.subject.approve(code), "the approve command failed")
    await stage.answer_to(await stage.bob.dm("here I am"))
    await stage.bob.say(room, f"{stage.bot.mention} and here?")
    await stage.nothing_happens(room)
