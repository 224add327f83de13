"""Mention rows: when the bot counts as addressed in a room (catalogue section 2).

What it must not do: name a platform, or wait by the clock.
"""

from tolmach_conformance.behaviour import MUST, behaviour
from tolmach_conformance.stage import Stage


@behaviour(62, "mention.explicit.no-substring", MUST)
async def a_longer_name_is_no_mention(stage: Stage) -> None:
    """``@botanist`` does not address ``@bot``."""
    room = await stage.room()
    await stage.alice.say(room, f"{stage.bot.mention}anist, water the plants")
    await stage.nothing_happens(room)
