"""The late audit: whether every silence was kept to the end of the subject's life.

What it is for: catch what comes too late for any sentinel, such as a slow lookup that lets a denied
message through. What it must not do: I/O; blame a behaviour for what it was waiting for.
"""

from collections.abc import Iterable, Sequence

from tolmach_conformance.barrier import blame, shorten
from tolmach_conformance.ledger import Ledger
from tolmach_conformance.seen import Deed, Post, Turn

__all__ = ["late"]


def late(ledger: Ledger, turns: Sequence[Turn], posts: Sequence[Post], deeds: Sequence[Deed]) -> str | None:
    """Return what a subject did after a behaviour's end against what it had shown, None if nothing.

    Two things count: a turn for a stimulus that was claimed silent or had its turn already, and an
    outbound call in a room where silence was claimed. An answer still under way at the end is
    excused once.
    """
    for turn in turns:
        if turn.seq > ledger.ended and ledger.owner(turn) in ledger.expected and not _continues(turn):
            return f'after the end, "{shorten(turn.text)}" started a turn again'
    for claim in ledger.claims:
        reason = blame(
            claim,
            ledger,
            turns=[turn for turn in turns if turn.seq > claim.start],
            posts=[],
            deeds=[],
            outbound=False,
        )
        if reason is not None:
            return f"later on, {reason}"
    silent = {claim.room_id for claim in ledger.claims if claim.outbound}
    underway = _underway(ledger, turns, posts)
    for post in posts:
        if post.seq > ledger.ended and post.room_id in silent:
            if underway.get(post.room_id, 0) > 0:
                underway[post.room_id] -= 1
                continue
            return f'after the end, the bot posted "{shorten(post.text)}"'
    claimed = {said.id for claim in ledger.claims if claim.outbound for said in claim.stimuli}
    for deed in deeds:
        if deed.seq > ledger.ended and deed.on and deed.message_id in claimed:
            return f"after the end, the bot acted on a silent message ({deed.kind})"
    return None


def _continues(turn: Turn) -> bool:
    return bool(turn.messages) and turn.messages[-1].role == "tool"


def _underway(ledger: Ledger, turns: Iterable[Turn], posts: Iterable[Post]) -> dict[str, int]:
    """Count per room the expected turns that had no post of their own when the behaviour ended."""
    counts: dict[str, int] = {}
    posted = list(posts)
    for turn in turns:
        owner = ledger.owner(turn)
        if turn.seq > ledger.ended or owner is None or owner not in ledger.expected:
            continue
        answered = any(turn.seq < p.seq <= ledger.ended and p.room_id == owner.room_id for p in posted)
        if not answered:
            counts[owner.room_id] = counts.get(owner.room_id, 0) + 1
    return counts
