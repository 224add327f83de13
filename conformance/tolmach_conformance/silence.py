"""The silence proof, carried out: choose the lane, send the sentinel, look at what happened before it.

What it is for: ``nothing_happens``, ``no_turn`` and ``no_repeat`` of the Stage. What it must not do: sleep;
where no sentinel can go, a bounded wait for the forbidden thing takes its place, and the verdict says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tolmach_conformance.admission import admitted_in_dm, admitted_in_room
from tolmach_conformance.barrier import blame, shorten
from tolmach_conformance.ledger import Claim
from tolmach_conformance.seen import Room, Said, Turn
from tolmach_conformance.stage import Person, Place
from tolmach_conformance.verdict import Failed

if TYPE_CHECKING:
    from tolmach_conformance.scene import Scene

__all__ = ["no_repeat", "prove_silence"]

_SETTLE: Final = 0.5
"""Seconds to wait for a forbidden call where no sentinel can prove that none comes."""


@dataclass(frozen=True, slots=True)
class _Lane:
    room: Room
    thread_id: str
    speaker: Person | None


async def prove_silence(
    scene: "Scene", place: Place, *, after: Said | None, by: Person | None, outbound: bool
) -> None:
    """Prove that the unexpected stimuli of a place caused nothing; raise Failed with what they caused."""
    room, thread_id = await _where(scene, place)
    stimuli = scene.ledger.unexpected(room.id, after) if outbound else []
    if isinstance(place, Said):
        stimuli = [place, *(said for said in stimuli if said != place)]
    elif stimuli and all(said.thread_id == stimuli[-1].thread_id for said in stimuli):
        thread_id = stimuli[-1].thread_id
    start = scene.ledger.marks.get(room.id, scene.ledger.started)
    if isinstance(place, Said) and not outbound:
        # What answered it may be the post of the very turn that must not be, so look from its own moment on.
        start = place.seq
    if after is not None:
        start = max(start, after.seq)
    lane = _Lane(room, thread_id, by or _admitted(scene, room))
    sentinel, turn = await _sentinel(scene, lane)
    same = lane.speaker is not None
    await scene.journal.catch_up()
    claim = Claim(room.id, start, scene.journal.position, tuple(stimuli), outbound=outbound)
    reason = blame(
        claim,
        scene.ledger,
        turns=scene.watch.turns(start),
        posts=scene.watch.posts(start),
        deeds=scene.watch.deeds(start),
        sentinel=sentinel if same else None,
        sentinel_turn=turn if same else None,
        outbound=outbound,
        excused=scene.answers_expected,
        belated=scene.sign_belated,
    )
    reason = reason or _repeated(scene, room.id)
    if reason is not None:
        raise Failed(reason)
    scene.ledger.claims.append(claim)
    if outbound:
        scene.ledger.mark(room.id, scene.journal.position)


def _repeated(scene: "Scene", room_id: str) -> str | None:
    """Return what started more turns than it may, of what was awaited in a room."""
    for said in scene.ledger.expected:
        count = len(scene.turns_for(said)) if said.room_id == room_id else 0
        if count > 1:
            return f'"{shorten(said.text)}" started {count} turns'
    return None


async def no_repeat(scene: "Scene", said: Said) -> None:
    """Prove that a stimulus has had one turn and gets no second."""
    room, thread_id = await _where(scene, said)
    await _sentinel(scene, _Lane(room, thread_id, _admitted(scene, room)))
    await scene.journal.catch_up()
    count = len(scene.turns_for(said))
    if count > 1:
        raise Failed(f"the message started {count} turns")
    scene.ledger.expects(said)


async def _where(scene: "Scene", place: Place) -> tuple[Room, str]:
    if isinstance(place, Room):
        return place, ""
    if isinstance(place, Said):
        return scene.room_by_id(place.room_id), place.thread_id
    return await scene.direct(place), ""


def _admitted(scene: "Scene", room: Room) -> Person | None:
    """Return who can be heard in a room by the behaviour's settings."""
    if scene.deaf:
        return None
    if room.kind == "direct":
        partner = scene.partner(room.id)
        if partner is None:
            return None
        return scene.person(partner) if admitted_in_dm(scene.behaviour, partner) else None
    name = admitted_in_room(scene.behaviour, scene.spec_of(room.id))
    return None if name is None else scene.person(name)


async def _sentinel(scene: "Scene", lane: _Lane) -> tuple[Said | None, Turn | None]:
    """Send a sentinel down the lane, else down any admitted one, and see it answered."""
    chosen = lane if lane.speaker is not None else await _pulse(scene)
    if chosen is None or chosen.speaker is None:
        await _settle(scene, lane.room)
        return None, None
    text = f"{scene.bot.mention} are you still there?"
    if scene.partner(chosen.room.id) is not None:
        said = await chosen.speaker.dm(text, thread=chosen.thread_id or None)
    else:
        said = await chosen.speaker.say(chosen.room, text, thread=chosen.thread_id or None)
    turn = await scene.turn_for(said)
    # A sentinel and its answer are the suite's own talk, no behaviour counts them.
    scene.ledger.sentinel_posts.add((await scene.answer_to(said)).seq)
    return said, turn


async def _pulse(scene: "Scene") -> _Lane | None:
    """Return an admitted lane of the behaviour, wherever it is."""
    if scene.deaf:
        return None
    for name, spec in scene.behaviour.rooms.items():
        speaker = admitted_in_room(scene.behaviour, spec)
        if speaker is not None and spec.with_bot:
            return _Lane(await scene.room(name), "", scene.person(speaker))
    for name in scene.behaviour.people:
        if name != "otherbot" and admitted_in_dm(scene.behaviour, name):
            person = scene.person(name)
            return _Lane(await scene.direct(person), "", person)
    return None


async def _settle(scene: "Scene", room: Room) -> None:
    """Give a subject that admits nobody a bounded time for the forbidden thing."""
    start = scene.journal.position
    said: Sequence[Said] = scene.ledger.said
    await scene.watch.turn(lambda turn: scene.ledger.owner(turn) in said, after=start, within=_SETTLE)
    await scene.watch.post(lambda post: post.room_id == room.id, after=start, within=0.01)
    await scene.journal.catch_up()
    scene.ledger.notes.append("settled: no lane admits a sentinel, so a bounded wait stands for the proof")
