"""Tell the exchange of one behaviour in lines that a person can read, without secrets.

What it is for: the evidence in reports. What it must not do: I/O; show a credential.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from tolmach_conformance.journal import Entry
from tolmach_conformance.ledger import Ledger
from tolmach_conformance.outcome import Step
from tolmach_conformance.reading import outcome_of
from tolmach_conformance.watch import Watch

__all__ = ["redact", "tell"]

_LONGEST: Final = 400
_MOST: Final = 60


def redact(text: str, secrets: Sequence[str]) -> str:
    """Return a text with every secret replaced."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[secret]")
    return text


def tell(
    ledger: Ledger,
    watch: Watch,
    *,
    people: Mapping[str, str],
    rooms: Mapping[str, str],
    secrets: Sequence[str],
) -> list[Step]:
    """Return what was said and done, in order; ``people`` and ``rooms`` are names by id."""
    begin = next(iter(watch.journal.since(ledger.started)), None)
    if begin is None:
        return []
    end = ledger.ended or watch.journal.position
    steps: list[tuple[int, Step]] = []

    def add(seq: int, at: float, who: str, what: str, text: str) -> None:
        shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
        if seq <= end:
            steps.append((seq, Step(round(at - begin.at, 3), who, what, redact(shown, secrets))))

    def place(room_id: str, thread_id: str) -> str:
        named = rooms.get(room_id, "a direct chat" if room_id in ledger.rooms else "elsewhere")
        return f"{named}, in a thread" if thread_id else named

    for said in ledger.said:
        entry = _sent(watch, said.seq, said.author_id, said.text)
        seq, at = (entry.seq, entry.at) if entry is not None else (said.seq, begin.at)
        where = place(said.room_id, said.thread_id)
        add(seq, at, people.get(said.author_id, "somebody"), f"says in {where}", said.text)
    requests: set[int] = set()
    for turn in watch.turns(ledger.started):
        if ledger.owner(turn) is not None:
            requests.add(turn.seq)
            add(turn.seq, turn.at, "subject", "asks the agent", turn.text)
    for entry in watch.journal.since(ledger.started):
        if entry.kind == "agent.answer" and outcome_of(entry)[0] in requests:
            add(entry.seq, entry.at, "agent", f"answers ({outcome_of(entry)[1]})", entry.text)
    for post in watch.posts(ledger.started):
        if post.room_id in ledger.rooms:
            add(post.seq, post.at, "subject", f"posts in {place(post.room_id, post.thread_id)}", post.text)
    mine = {said.id for said in ledger.said}
    for deed in watch.deeds(ledger.started):
        if deed.room_id in ledger.rooms or deed.message_id in mine:
            what = deed.kind if deed.on else f"{deed.kind} ends"
            add(deed.seq, deed.at, "subject", what, f"{deed.operation} {deed.status} {deed.text}".strip())
    return [step for _, step in sorted(steps, key=lambda pair: pair[0])[:_MOST]]


def _sent(watch: Watch, after: int, author: str, text: str) -> Entry | None:
    for entry in watch.journal.since(after):
        if entry.actor == author and entry.kind == "http" and text in (entry.text or str(entry.detail)):
            return entry
    return None
