"""Strangers, codes, approvals: states and their ends."""

import re

import pytest

from tolmach.channel import pairing
from tolmach.channel.turn import PairingState, PendingPairing

NOW = 1_000_000.0


def ask(state: PairingState, user: str, at: float = NOW, code: str = "") -> tuple[PairingState, str | None]:
    """Let a stranger write; return the next state and the code to tell."""
    state, fresh = pairing.ask(
        state, user, user, at, lambda: code or f"CODE{user:>4}".replace(" ", "X").upper()
    )
    return state, fresh.code if fresh else None


def test_a_code_has_eight_unmistakable_characters() -> None:
    assert len(set(pairing.ALPHABET)) == 32
    assert not set(pairing.ALPHABET) & set("IO01")
    code = pairing.code_of(bytes([0, 31, 32, 63, 128, 200, 255, 7]))
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{8}", code)


def test_each_character_is_equally_likely() -> None:
    drawn = [pairing.code_of(bytes([byte] * 8))[0] for byte in range(256)]
    assert {drawn.count(character) for character in pairing.ALPHABET} == {8}


def test_a_stranger_is_told_once_within_the_hour() -> None:
    state, code = ask(PairingState(), "uBob")
    assert code
    for later in (1, 60, 3599):
        state, again = ask(state, "uBob", NOW + later)
        assert again is None
    assert len(state.pending) == 1
    assert state.pending[0].last_seen_at == NOW + 3599
    assert state.pending[0].created_at == NOW


def test_after_an_hour_there_is_a_new_code_and_the_old_one_is_dead() -> None:
    state, old = ask(PairingState(), "uBob", code="AAAAAAAA")
    state, _ = ask(state, "uBob", NOW + 3000)
    assert old
    state, new = ask(state, "uBob", NOW + 3600, code="BBBBBBBB")
    assert new == "BBBBBBBB"
    assert pairing.approve(state, "AAAAAAAA", NOW + 3601)[1] is None
    assert pairing.approve(state, "BBBBBBBB", NOW + 3601)[1] is not None


def test_three_may_wait_until_one_is_approved_or_expires() -> None:
    state = PairingState()
    for user in ("u1", "u2", "u3"):
        state, code = ask(state, user)
        assert code
    state, none = ask(state, "u4")
    assert none is None
    approved, _ = pairing.approve(state, state.pending[0].code, NOW)
    assert ask(approved, "u4")[1]
    assert ask(state, "u4", NOW + 3600)[1]


def test_a_code_that_is_taken_is_drawn_again() -> None:
    state, _ = ask(PairingState(), "u1", code="AAAAAAAA")
    draws = iter(["AAAAAAAA", "BBBBBBBB"])
    _, fresh = pairing.ask(state, "u2", "u2", NOW, lambda: next(draws))
    assert fresh
    assert fresh.code == "BBBBBBBB"


@pytest.mark.parametrize("typed", ["ABCDEFGH", "abcdefgh", "  AbCdEfGh "])
def test_a_code_is_approved_in_any_letter_case(typed: str) -> None:
    state, _ = ask(PairingState(), "uBob", code="ABCDEFGH")
    state, pending = pairing.approve(state, typed, NOW + 10)
    assert pending
    assert pending.user_id == "uBob"
    assert state == PairingState(approved=frozenset({"uBob"}))


def test_an_unknown_code_changes_nothing() -> None:
    state, _ = ask(PairingState(), "uBob", code="ABCDEFGH")
    assert pairing.approve(state, "HGFEDCBA", NOW) == (state, None)


def test_the_invitation_says_everything_once() -> None:
    pending = PendingPairing("ABCDEFGH", "uBob", "Bob", NOW, NOW)
    text = pairing.invitation(pending, label="Rocket.Chat", platform="rocketchat", account="default")
    assert all(
        part in text for part in ("Rocket.Chat", "uBob", "ABCDEFGH", "tolmach pairing approve ABCDEFGH")
    )
    assert "--account" not in text
    named = pairing.invitation(pending, label="Rocket.Chat", platform="rocketchat", account="second")
    assert named.endswith("--account second`")
