"""Connection rows: drops, silence on the line, and what is heard afterwards (catalogue section 9).

What it must not do: name a platform, or wait by the clock of the machine.
"""

from itertools import pairwise

from tolmach_conformance.behaviour import MUST, behaviour
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import Failed, expect

STEP = 0.5
"""Seconds by which the clock moves where pauses are measured."""


async def until_reconnected(stage: Stage, after: int, step: float = 3.0, wait: float = 0.5) -> None:
    """Move the clock in steps until the bot has logged in again on a new connection."""
    for _ in range(int(120 / step)):
        await stage.faults.advance(step)
        try:
            await stage.faults.reconnected(after=after, within=wait)
        except Failed:
            continue
        return
    raise Failed("the bot did not come back in two minutes of the controlled clock")


@behaviour(266, "rel.reconnect.backoff", MUST, exclusive=True, clock=True)
async def pauses_between_reconnects_grow(stage: Stage) -> None:
    """Refused connections are tried again after 2 s, then 1.8 times as long each, give or take a quarter."""
    await stage.settled(await stage.alice.dm("hello"))
    before = await stage.catch_up()
    await stage.faults.refuse_connections(5)
    await stage.faults.drop_sockets()
    await until_reconnected(stage, before, step=STEP, wait=0.02)
    await stage.catch_up()
    tried = stage.faults.refusals(after=before)
    expect(len(tried) == 5, f"{len(tried)} of five refused attempts were made")
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    for number, pause in enumerate(pauses, start=1):
        due = 2 * 1.8**number
        expect(0.75 * due - STEP <= pause, f"pause {number} was {pause:.1f} s, about {due:.1f} s were due")
        expect(
            pause <= 1.25 * due + 3 * STEP, f"pause {number} was {pause:.1f} s, about {due:.1f} s were due"
        )
    await stage.answer_to(await stage.alice.dm("still there?"))


@behaviour(267, "rel.reconnect.single-socket", MUST, exclusive=True, clock=True)
async def there_is_one_connection(stage: Stage) -> None:
    """Over twenty forced drops the server never sees two live connections of the account."""
    await stage.settled(await stage.alice.dm("hello"))
    for _ in range(20):
        before = await stage.catch_up()
        await stage.faults.drop_sockets()
        await until_reconnected(stage, before)
    await stage.answer_to(await stage.alice.dm("still there?"))
    live, peak = await stage.faults.sockets()
    expect(live == 1, f"{live} connections are live after twenty drops")
    expect(peak == 1, f"{peak} connections were live at once")


@behaviour(268, "rel.reconnect.half-open", MUST, exclusive=True, clock=True)
async def silence_on_the_line_is_noticed(stage: Stage) -> None:
    """A server that falls silent without closing is noticed and left; a quiet room alone is no silence."""
    await stage.settled(await stage.alice.dm("hello"))
    quiet = await stage.catch_up()
    for _ in range(12):
        await stage.faults.advance(5)
    await stage.answer_to(await stage.alice.dm("after a quiet minute"))
    expect(not await stage.came_back(after=quiet), "a quiet minute made the bot reconnect")
    before = await stage.catch_up()
    await stage.faults.half_open()
    await until_reconnected(stage, before, step=5.0)
    await stage.answer_to(await stage.alice.dm("after the silence"))


@behaviour(
    270, "rel.reconnect.resubscribe", MUST, exclusive=True, clock=True, settings={"groupPolicy": "open"}
)
async def everything_is_heard_again(stage: Stage) -> None:
    """After a drop old rooms are heard again, and a room joined later needs no restart."""
    room = await stage.room()
    await stage.settled(await stage.alice.say(room, f"{stage.bot.mention} hello"))
    before = await stage.catch_up()
    if await stage.faults.drop_sockets():
        await until_reconnected(stage, before)
    await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} still there?"))
    new = await stage.alice.create_room(members=[stage.bot])
    await stage.answer_to(await stage.alice.say(new, f"{stage.bot.mention} here too?"))
