"""Inbound rows: what starts a turn, and what must not (catalogue section 1).

What it must not do: name a platform, or wait by the clock.
"""

from tolmach_conformance.behaviour import MUST, behaviour
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect


@behaviour(1, "inbound.dm.delivers-turn", MUST, settings={"dmPolicy": "allowlist", "allowFrom": ["{alice}"]})
async def a_direct_message_is_a_turn(stage: Stage) -> None:
    """A direct message of an admitted person is exactly one turn, answered in the same place."""
    said = await stage.alice.dm("hello")
    turn = await stage.turn_for(said)
    expect("hello" in turn.text, "the turn does not carry the text")
    turn.agrees(chat_type="direct", sender=stage.alice.id)
    post = await stage.answer_to(said)
    expect(post.thread_id == "", "the answer went into a thread")
