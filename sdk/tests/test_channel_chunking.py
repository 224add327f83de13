"""Answers are cut into parts that fit, lose nothing and stay readable."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tolmach.channel import chunking
from tolmach.channel.chunking import Limits

TIGHT = Limits(wanted=60, hard=5000)

_WORDS = st.text(alphabet="abc déжé😀👩‍👩‍👧🇩🇪\u0301 .!?\n`~*_", min_size=0, max_size=200)
_FENCED = st.builds(
    lambda before, mark, info, code, after: f"{before}\n{mark}{info}\n{code}\n{mark}\n{after}",
    _WORDS.filter(lambda text: "```" not in text and "~~~" not in text),
    st.sampled_from(["```", "````", "~~~"]),
    st.sampled_from(["", "python", "c++", "python title"]),
    st.text(alphabet="abc {}();😀\n  ", max_size=400),
    _WORDS.filter(lambda text: "```" not in text and "~~~" not in text),
)


def _visible(text: str) -> str:
    """Return what a reader reads: no whitespace, no lines that only open or close a fence."""
    lines = [line for line in text.split("\n") if not re.fullmatch(r" {0,3}(`{3,}|~{3,})[^`]*", line)]
    return "".join("".join(lines).split())


@pytest.mark.parametrize("unit", ["utf16", "utf8"])
@given(
    text=st.one_of(_WORDS, _FENCED, st.text(max_size=400)), wanted=st.integers(50, 120), mode=st.booleans()
)
@settings(max_examples=150, deadline=None)
def test_parts_fit_and_nothing_is_lost(unit: chunking.Unit, text: str, wanted: int, mode: bool) -> None:
    limits = Limits(wanted=wanted, hard=100, unit=unit)
    parts = chunking.split(text, limits, "newline" if mode else "length")
    assert all(limits.fits(part) for part in parts)
    assert all(part.strip() for part in parts)
    assert _visible("\n".join(parts)) == _visible(text)
    if len(parts) > 1:
        assert all(chunking.open_fence(part) is None for part in parts[:-1])
    if chunking.open_fence(text) is None and parts:
        assert chunking.open_fence(parts[-1]) is None


def test_a_text_that_fits_is_left_alone() -> None:
    assert chunking.split("  indented\n\nand more", TIGHT) == ["  indented\n\nand more"]


@pytest.mark.parametrize("text", ["", "   ", "\n\n\t"])
def test_nothing_to_say_is_no_part(text: str) -> None:
    assert chunking.split(text, TIGHT) == []


def test_paragraphs_are_preferred_to_lines_sentences_and_words() -> None:
    first = "One sentence. Another one.\nA line"
    parts = chunking.split(f"{first}\n\nThe next paragraph is here. It goes on and on.", TIGHT)
    assert parts[0] == first


def test_a_sentence_is_preferred_to_a_word() -> None:
    parts = chunking.split("This is the first sentence here. This second one runs over the limit.", TIGHT)
    assert parts == ["This is the first sentence here.", "This second one runs over the limit."]


def test_a_word_is_preferred_to_a_letter() -> None:
    parts = chunking.split("word " * 30, TIGHT)
    assert all(set(part.split()) == {"word"} for part in parts)


def test_a_fence_is_closed_and_opened_again_in_its_language() -> None:
    code = "\n".join(f"line_{number} = {number}" for number in range(20))
    parts = chunking.split(f"Look:\n```python\n{code}\n```\nDone.", Limits(wanted=120, hard=5000))
    assert len(parts) > 2
    for part in parts[1:-1]:
        assert part.startswith("```python\n")
        assert part.endswith("\n```")
    assert [line for part in parts for line in part.split("\n") if line.startswith("line_")] == code.split(
        "\n"
    )


def test_newline_mode_cuts_at_the_last_blank_line_that_fits() -> None:
    text = "a\n\n" + "b" * 20 + " " + "c" * 40
    assert chunking.split(text, TIGHT, "newline")[0] == "a"
    assert chunking.split(text, TIGHT, "length")[0] != "a"


def test_newline_mode_does_not_cut_at_every_newline() -> None:
    assert chunking.split("a\nb\n\nc\nd", TIGHT, "newline") == ["a\nb\n\nc\nd"]


@pytest.mark.parametrize("cluster", ["👩‍👩‍👧‍👦", "🇩🇪", "é", "👍🏽", "한", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
def test_no_visible_character_is_torn(cluster: str) -> None:
    cluster = unicodedata.normalize("NFD", cluster)
    parts = chunking.split(cluster * 60, TIGHT)
    assert len(parts) > 1
    assert all(len(part) % len(cluster) == 0 for part in parts)


def test_length_is_counted_in_the_unit_of_the_platform() -> None:
    assert chunking.size("a😀ж", "utf16") == 4
    assert chunking.size("a😀ж", "utf8") == 7
    assert [len(part) for part in chunking.split("😀" * 50, TIGHT)] == [30, 20]
    assert [len(part) for part in chunking.split("ж" * 100, Limits(4000, 100, "utf8"))] == [50, 50]


def test_twenty_thousand_characters_arrive_in_order() -> None:
    words = [f"word{number}" for number in range(2500)]
    parts = chunking.split(" ".join(words), Limits(4000, 5000))
    assert " ".join(parts).split() == words
    assert max(map(len, parts)) <= 4000
