"""Silence, judged: what of the journal breaks a claim that nothing happened.

What it is for: the pure half of the silence proof and of the late audit. What it must not do: I/O, wait.

A sentinel that an admitted person sends down the same lane is answered only after everything before it
was handled. What the bot did before it saw the sentinel is therefore about the claimed stimuli; what it
did afterwards is the sentinel's, unless it names a claimed message. Where no sentinel can go, the whole
room must stay silent, to the end of the subject's life (audit.py).
"""

from collections.abc import Callable, Iterable

from tolmach_conformance.ledger import Claim, Ledger
from tolmach_conformance.nonce import find_nonces
from tolmach_conformance.seen import Deed, Post, Said, Turn

__all__ = ["blame", "shorten"]


def blame(
    claim: Claim,
    ledger: Ledger,
    *,
    turns: Iterable[Turn],
    posts: Iterable[Post],
    deeds: Iterable[Deed],
    sentinel: Said | None = None,
    sentinel_turn: Turn | None = None,
    outbound: bool = True,
    excused: Callable[[Post], bool] = lambda _: False,
    belated: Callable[[Deed], bool] = lambda _: False,
) -> str | None:
    """Return what the bot did against a claim, None if it kept silent.

    Turns, posts and deeds are those above ``claim.start``. Without a sentinel in the same lane every
    outbound call in the claim's room counts, but for posts that are ``excused`` because they answer an
    awaited turn. A typing sign is let pass if it is ``belated``: that of an awaited turn, overtaken by the
    answer. ``outbound`` False looks at turns alone.
    """
    for turn in turns:
        owner = ledger.owner(turn)
        if owner in claim.stimuli:
            return f'"{shorten(owner.text if owner else turn.text)}" started a turn'
        if owner is None and not find_nonces(turn.text) and _in_room(turn, claim):
            return f'a turn was started in the room: "{shorten(turn.text)}"'
    if not outbound:
        return None
    nonces = {said.nonce for said in claim.stimuli if said.nonce}
    ids = {said.id for said in claim.stimuli}
    until = sentinel_turn.seq if sentinel_turn is not None else None
    for post in posts:
        if post.room_id != claim.room_id or excused(post):
            continue
        early = until is None or post.seq < until
        if early or nonces & set(find_nonces(post.text)):
            return f'the bot posted "{shorten(post.text)}"'
    for deed in deeds:
        if not deed.on and deed.kind in {"typing", "reaction"}:
            continue
        if deed.message_id in ids:
            return f"{_phrase(deed)} on a message that should cause nothing"
        elsewhere = deed.room_id != claim.room_id or deed.message_id != ""
        if not elsewhere and (sentinel is None or deed.seq <= sentinel.seq) and not belated(deed):
            return _phrase(deed)
    return None


def _in_room(turn: Turn, claim: Claim) -> bool:
    return (turn.facts or {}).get("room_id") == claim.room_id


def _phrase(deed: Deed) -> str:
    verb = {
        "edit": "the bot edited a message",
        "delete": "the bot deleted a message",
        "reaction": f"the bot reacted with {deed.text}" if deed.on else f"the bot took {deed.text} away",
        "typing": "the bot showed that it is typing",
        "pin": "the bot pinned a message",
        "read": "the bot marked the room as read",
        "other": f"the bot called {deed.operation}",
    }
    return verb[deed.kind]


def shorten(text: str, limit: int = 60) -> str:
    """Return a text fit for one line of a report."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
