"""What one behaviour has said, waits for and claims silence about; to whom a turn belongs.

What it is for: the memory behind the Stage and the late audit. What it must not do: I/O.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tolmach_conformance.nonce import find_nonces
from tolmach_conformance.seen import Said, Turn

__all__ = ["Claim", "Ledger"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Silence was claimed in a room from ``start`` on, about these stimuli, and shown up to ``proved``.

    ``outbound`` False claims only that no turn was started.
    """

    room_id: str
    start: int
    proved: int
    stimuli: tuple[Said, ...]
    outbound: bool = True


@dataclass(slots=True)
class Ledger:
    """The book of one behaviour. ``ended`` is the journal position at its end, 0 while it runs."""

    started: int = 0
    ended: int = 0
    said: list[Said] = field(default_factory=list[Said])
    expected: list[Said] = field(default_factory=list[Said])
    answered: list[Said] = field(default_factory=list[Said])
    sentinel_posts: set[int] = field(default_factory=set[int])
    claims: list[Claim] = field(default_factory=list[Claim])
    rooms: set[str] = field(default_factory=set[str])
    notes: list[str] = field(default_factory=list[str])
    marks: dict[str, int] = field(default_factory=dict[str, int])

    def record(self, said: Said) -> None:
        """Add a stimulus."""
        self.said.append(said)
        self.rooms.add(said.room_id)

    def expects(self, said: Said) -> None:
        """Note that a stimulus may have a turn."""
        if said not in self.expected:
            self.expected.append(said)

    def replied(self, said: Said) -> None:
        """Note that a stimulus has had its reply, with a turn or without."""
        if said not in self.answered:
            self.answered.append(said)

    def mark(self, room_id: str, seq: int) -> None:
        """Note that everything in a room up to a journal position is accounted for."""
        self.marks[room_id] = max(self.marks.get(room_id, 0), seq)

    def unexpected(self, room_id: str, after: Said | None = None) -> list[Said]:
        """Return the stimuli of a room that nobody awaited, from ``after`` on."""
        start = 0 if after is None else self.said.index(after)
        awaited = [*self.expected, *self.answered]
        return [one for one in self.said[start:] if one.room_id == room_id and one not in awaited]

    def owner(self, turn: Turn) -> Said | None:
        """Return the stimulus that a turn belongs to, None when it is none of this behaviour.

        The nonce in the last user message decides. Where several stand there (history, joined
        messages), the stated message id chooses, else the last one. A stimulus without a nonce is
        found by its id, or by its text where no facts are stated.
        """
        message_id = str((turn.facts or {}).get("message_id") or "")
        nonces = find_nonces(turn.text)
        mine = _by_nonce(self.said, nonces)
        plain = [one for one in self.said if not one.nonce and one.seq < turn.seq]
        if message_id:
            for pool in (mine, plain):
                for one in reversed(pool):
                    if one.id == message_id:
                        return one
        if mine:
            return mine[-1]
        if nonces or message_id:
            return None
        text = turn.text.strip()
        return next((one for one in reversed(plain) if one.text and text.endswith(one.text.strip())), None)


def _by_nonce(said: Iterable[Said], nonces: Iterable[str]) -> list[Said]:
    known = {one.nonce: one for one in said if one.nonce}
    return [known[nonce] for nonce in nonces if nonce in known]
