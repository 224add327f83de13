"""How a stranger becomes somebody who may write to the bot.

What it is for: the states of a pairing and the texts that go with them; every function returns the
next state. What it must not do: draw a code (the bytes are an argument), store, or send.
"""

from collections.abc import Callable
from dataclasses import replace

from tolmach.channel.turn import PairingState, PendingPairing

__all__ = ["ALPHABET", "CAP", "CODE_LENGTH", "LIFETIME", "approve", "ask", "code_of", "invitation", "prune"]

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""32 characters that nobody confuses: no I, O, 0, 1."""
CODE_LENGTH = 8
LIFETIME = 3600.0
CAP = 3


def code_of(entropy: bytes) -> str:
    """Return the code for ``CODE_LENGTH`` random bytes; each of the 32 characters is equally likely."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in entropy[:CODE_LENGTH])


def prune(state: PairingState, now: float) -> PairingState:
    """Return the state without requests that are over an hour old."""
    alive = tuple(pending for pending in state.pending if now - pending.created_at < LIFETIME)
    return state if len(alive) == len(state.pending) else replace(state, pending=alive)


def ask(
    state: PairingState, user_id: str, label: str, now: float, draw: Callable[[], str]
) -> tuple[PairingState, PendingPairing | None]:
    """Return the next state and the new request to tell the person about, None for silence.

    Silence is for those who have a live request (only its last-seen time moves, its end does not)
    and for everybody while ``CAP`` requests wait.
    """
    state = prune(state, now)
    for pending in state.pending:
        if pending.user_id == user_id:
            seen = replace(pending, last_seen_at=now)
            others = tuple(seen if one is pending else one for one in state.pending)
            return replace(state, pending=others), None
    if len(state.pending) >= CAP:
        return state, None
    taken = {pending.code for pending in state.pending}
    code = draw()
    while code in taken:
        code = draw()
    fresh = PendingPairing(code, user_id, label, created_at=now, last_seen_at=now)
    return replace(state, pending=(*state.pending, fresh)), fresh


def approve(state: PairingState, code: str, now: float) -> tuple[PairingState, PendingPairing | None]:
    """Return the next state and the request that the code approved, None when it approves nothing."""
    state = prune(state, now)
    wanted = code.strip().upper()
    for pending in state.pending:
        if pending.code == wanted:
            rest = tuple(one for one in state.pending if one is not pending)
            return PairingState(pending=rest, approved=state.approved | {pending.user_id}), pending
    return state, None


def invitation(pending: PendingPairing, *, label: str, platform: str, account: str) -> str:
    """Return what the person is told: the channel, their own id, the code, the operator's command."""
    command = f"tolmach pairing approve {pending.code} --channel {platform}"
    if account != "default":
        command += f" --account {account}"
    return (
        f"This bot does not know you on {label} yet.\n"
        f"Your {label} user id: `{pending.user_id}`\n"
        f"Pairing code: `{pending.code}`\n"
        f"Ask the bot's operator to run: `{command}`"
    )
