"""Silence, judged: claims, sentinels, the late audit, and to whom a turn belongs."""

import pytest

from tolmach_conformance.audit import late
from tolmach_conformance.barrier import blame
from tolmach_conformance.ledger import Claim, Ledger
from tolmach_conformance.nonce import Nonces, find_nonces
from tolmach_conformance.seen import ChatMessage, Deed, Post, Said, Turn

WORDS = Nonces(1, "tests")
ONE, TWO, THREE = (WORDS.new() for _ in range(3))


def said(nonce: str, seq: int, text: str = "hello", id_: str = "") -> Said:
    return Said(id_ or f"m{seq}", "R", f"{text} {nonce}".strip(), nonce, seq, "alice")


def turn(text: str, seq: int, *, facts: dict[str, object] | None = None, role: str = "user") -> Turn:
    messages = [ChatMessage("user", text)]
    if role != "user":
        messages.append(ChatMessage(role, "result"))
    return Turn(seq, 0.0, text, {}, {}, messages, facts)


def post(text: str, seq: int, room: str = "R") -> Post:
    return Post(f"p{seq}", room, "", text, seq, 0.0, "send")


def deed(kind: str, seq: int, *, room: str = "R", message: str = "", on: bool = True) -> Deed:
    assert kind in {"reaction", "typing", "read"}
    return Deed(kind, room, message, "eyes", on, seq, 0.0, "call")  # type: ignore[arg-type]


def ledger(*stimuli: Said) -> Ledger:
    book = Ledger()
    for one in stimuli:
        book.record(one)
    return book


def test_nonces_are_unique_and_found_in_any_formatting() -> None:
    assert len({WORDS.new() for _ in range(1000)}) == 1000
    assert find_nonces(f"*{ONE}*, `{TWO}`\n> {THREE}.") == [ONE, TWO, THREE]
    assert find_nonces(f"x{ONE} {ONE}y") == []


def test_a_turn_belongs_to_the_last_nonce_of_its_last_user_message() -> None:
    book = ledger(said(ONE, 1), said(TWO, 2))
    assert book.owner(turn(f"earlier: {ONE}\nhello {TWO}", 9)) == book.said[1]
    assert book.owner(turn(f"hello {THREE}", 9)) is None


def test_a_stated_message_id_decides_between_nonces() -> None:
    book = ledger(said(ONE, 1), said(TWO, 2))
    assert book.owner(turn(f"{ONE} with context {TWO}", 9, facts={"message_id": "m1"})) == book.said[0]


def test_a_message_without_nonce_is_found_by_id_or_by_its_text() -> None:
    plain = said("", 3, "!status")
    book = ledger(said(ONE, 1), plain)
    assert book.owner(turn("!status", 9)) == plain
    assert book.owner(turn("!status", 9, facts={"message_id": "m3"})) == plain
    assert book.owner(turn("!status", 2)) is None
    assert book.owner(turn("!status", 9, facts={"message_id": "foreign"})) is None


def check(
    book: Ledger,
    *,
    turns: list[Turn] | None = None,
    posts: list[Post] | None = None,
    deeds: list[Deed] | None = None,
    sentinel: Said | None = None,
    answered: Turn | None = None,
) -> str | None:
    claim = Claim("R", 0, 0, (book.said[0],))
    return blame(
        claim,
        book,
        turns=turns or [],
        posts=posts or [],
        deeds=deeds or [],
        sentinel=sentinel,
        sentinel_turn=answered,
    )


def test_a_silent_stimulus_with_a_turn_is_blamed() -> None:
    assert check(ledger(said(ONE, 1)), turns=[turn(f"hello {ONE}", 5)]) == f'"hello {ONE}" started a turn'


def test_old_text_in_the_history_of_another_turn_is_no_blame() -> None:
    sentinel = said(TWO, 3)
    book = ledger(said(ONE, 1), sentinel)
    assert check(book, turns=[turn(f"context: {ONE}\n{TWO}", 5)], sentinel=sentinel) is None


def test_a_post_before_the_sentinels_turn_is_blamed_and_its_answer_is_not() -> None:
    sentinel, answered = said(TWO, 3), turn(TWO, 5)
    book = ledger(said(ONE, 1), sentinel)
    assert check(book, posts=[post("no", 4)], sentinel=sentinel, answered=answered) == 'the bot posted "no"'
    assert check(book, posts=[post("Echo", 6)], sentinel=sentinel, answered=answered) is None
    late_one = check(book, posts=[post(f"Echo {ONE}", 7)], sentinel=sentinel, answered=answered)
    assert late_one == f'the bot posted "Echo {ONE}"'


def test_without_a_sentinel_in_the_lane_any_call_in_the_room_is_blamed() -> None:
    book = ledger(said(ONE, 1))
    assert check(book, posts=[post("x", 9)]) == 'the bot posted "x"'
    assert check(book, posts=[post("x", 9, room="elsewhere")]) is None
    assert check(book, deeds=[deed("typing", 4)]) == "the bot showed that it is typing"
    assert check(book, deeds=[deed("read", 4)]) == "the bot marked the room as read"
    assert check(book, deeds=[deed("typing", 4, on=False)]) is None


def test_a_reaction_is_judged_by_its_message() -> None:
    sentinel = said(TWO, 3)
    book = ledger(said(ONE, 1), sentinel)
    on_silent = check(book, deeds=[deed("reaction", 8, room="", message="m1")], sentinel=sentinel)
    assert on_silent is not None
    assert "reacted with eyes" in on_silent
    assert check(book, deeds=[deed("reaction", 8, room="", message="m3")], sentinel=sentinel) is None


def test_typing_for_the_sentinel_is_no_blame() -> None:
    sentinel = said(TWO, 3)
    book = ledger(said(ONE, 1), sentinel)
    assert check(book, deeds=[deed("typing", 4)], sentinel=sentinel) is None
    assert check(book, deeds=[deed("typing", 2)], sentinel=sentinel) is not None


@pytest.fixture
def ended() -> Ledger:
    """A behaviour that awaited m1 and showed silence about m2, and ended at 10."""
    book = ledger(said(ONE, 1), said(TWO, 2))
    book.expects(book.said[0])
    book.claims.append(Claim("R", 0, 9, (book.said[1],)))
    book.ended = 10
    return book


def test_a_slow_leak_is_caught_by_the_late_audit(ended: Ledger) -> None:
    found = late(ended, [turn(f"hello {TWO}", 400)], [], [])
    assert found == f'later on, "hello {TWO}" started a turn'


def test_a_second_turn_after_the_end_is_caught(ended: Ledger) -> None:
    assert late(ended, [turn(ONE, 5), turn(ONE, 11)], [post("a", 6)], []) is not None
    assert late(ended, [turn(ONE, 5), turn(ONE, 11, role="tool")], [post("a", 6)], []) is None


def test_a_post_into_a_silent_room_after_the_end_is_caught_but_an_answer_under_way_is_not(
    ended: Ledger,
) -> None:
    assert late(ended, [turn(ONE, 5)], [post("answer", 12)], []) is None
    assert late(ended, [turn(ONE, 5)], [post("answer", 12), post("more", 13)], []) == (
        'after the end, the bot posted "more"'
    )
    assert late(ended, [turn(ONE, 5)], [post("answer", 6)], []) is None


def test_a_late_reaction_to_a_silent_message_is_caught(ended: Ledger) -> None:
    assert late(ended, [], [], [deed("reaction", 20, room="", message="m2")]) is not None
    assert late(ended, [], [], [deed("reaction", 20, room="", message="m1")]) is None


def test_scenery_is_never_blamed_afterwards() -> None:
    book = ledger(said(ONE, 1))
    book.ended = 5
    assert late(book, [turn(ONE, 9)], [post("x", 10)], []) is None


def test_a_sign_of_work_that_its_answer_overtook_is_let_pass_others_are_not() -> None:
    book, claim = ledger(said(ONE, 1)), Claim("R", 0, 0, ())
    signs = [deed("typing", 5), deed("typing", 6, on=False)]
    assert blame(claim, book, turns=[], posts=[], deeds=signs) == "the bot showed that it is typing"
    assert blame(claim, book, turns=[], posts=[], deeds=signs, belated=lambda sign: sign.seq == 5) is None
    later = [*signs, deed("typing", 8)]
    found = blame(claim, book, turns=[], posts=[], deeds=later, belated=lambda sign: sign.seq == 5)
    assert found == "the bot showed that it is typing"
