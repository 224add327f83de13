"""Button rows: what becomes of a press (catalogue section 6).

What it must not do: name a platform, or wait by the clock.
"""

from tolmach_conformance.agent import tool_call
from tolmach_conformance.behaviour import MAY, behaviour, listed
from tolmach_conformance.behaviours.session import remembers
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect

LONGEST = 2400
"""Characters of an event that a press becomes."""


@behaviour(182, "out.buttons", MAY, needs=("tools", "buttons"), rooms={"room": listed(users=["{alice}"])})
async def a_press_reaches_the_session(stage: Stage) -> None:
    """A press by an admitted person is an event in the session of the buttons; a stranger's is refused."""
    room = await stage.room()
    # A word of its own in each button's data: the turn of a press is known by it.
    yes, no = f"deploy {stage.new_nonce()}", f"leave it {stage.new_nonce()}"
    row = [{"text": "Yes", "data": yes}, {"text": "No", "data": no}]
    offer = tool_call("message", action="buttons", text="Deploy the thing?", buttons=[row])
    said = await stage.alice.say(room, f"{stage.bot.mention} deploy", agent=[offer, "as you like"])
    offered, *_ = await stage.answers_to(said, 2)
    expect("Deploy the thing?" in offered.text, f"the first post was {offered.text!r}")
    await stage.bob.press(offered, no)
    await stage.nothing_happens(room, by=stage.alice)
    pressed = await stage.alice.press(offered, yes)
    later = await stage.turn_for(await stage.alice.say(room, f"{stage.bot.mention} what now?"))
    # Whether a press starts a turn or waits for the next one as a line is the channel's choice.
    turns = stage.turns_for(pressed)
    told = [turn.text for turn in turns] or [str(line) for line in later.lines(pressed.nonce)]
    expect(len(told) == 1, f"the press was told {len(told)} times")
    expect(yes in told[0], f"the event does not carry the button's data: {told[0]!r}")
    expect(len(told[0]) <= LONGEST, f"the event has {len(told[0])} characters")
    expect(pressed.id not in told[0], "the event carries the key that opens a form")
    expect(all(remembers(turn, said) for turn in turns), "the press came into another session")
