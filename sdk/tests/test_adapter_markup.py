"""Markdown of agents in the dialects of platforms; names of emoji."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tolmach.adapters import markup
from tolmach.adapters.emoji_names import glyph_name

TABLE = "| name | n |\n|---|---|\n| **a** | 1 |\n| bcd | 22 |"


@pytest.mark.parametrize(
    ("markdown", "rendered"),
    [
        ("**bold**", "*bold*"),
        ("__bold__", "*bold*"),
        ("*italic*", "_italic_"),
        ("_italic_", "_italic_"),
        ("***both***", "_*both*_"),
        ("~~gone~~", "~gone~"),
        ("`code *x*`", "`code *x*`"),
        ("`` a`b ``", "``a`b``"),
        ("`` `a ``", "`` `a ``"),
        ("[text](https://example.com/a)", "[text](https://example.com/a)"),
        ("<https://example.com>", "https://example.com"),
        ("![a cat](https://example.com/c.png)", "[a cat](https://example.com/c.png)"),
        ("# Title\ntext", "# Title\n\ntext"),
        ("###### deep", "#### deep"),
        ("> quoted\n> twice", "> quoted\n> twice"),
        ("* one\n* two", "- one\n- two"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("- one\n  - inner\n- two", "- one\n  - inner\n- two"),
        ("- one\n\n  more\n\n- two", "- one\n\n  more\n\n- two"),
        ("```python\nx = *1*\n```", "```python\nx = *1*\n```"),
        ("```\nnever closed", "```\nnever closed\n```"),
        ("    indented", "```\nindented\n```"),
        ("one\ntwo  \nthree", "one\ntwo\nthree"),
        ("one\n\n\n\ntwo", "one\n\ntwo"),
        ("a & b <b>not html</b>", "a & b <b>not html</b>"),
        ("&amp; &lt;", "& <"),
        (r"\*no bold\*", r"\*no bold\*"),
        ("snake_case and 2 * 3 * 4", "snake_case and 2 * 3 * 4"),
        ("[note]: not a reference", "[note]: not a reference"),
        ("---", "---"),
        (TABLE, "```\nname | n\n-----+---\na    | 1\nbcd  | 22\n```"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_markdown(markdown: str, rendered: str) -> None:
    assert markup.to_rocketchat(markdown) == rendered


@pytest.mark.parametrize(
    "text", ["@all", "hey @here!", "`@all`", "**@all**", "x@all", "@ALL", "```\n@all\n```"]
)
def test_nobody_is_called_together(text: str) -> None:
    shown = markup.to_rocketchat(text)
    assert not re.search(r"@(all|here)", shown, re.IGNORECASE)
    assert shown.replace("\u2060", "").lower().count("@") == 1


@pytest.mark.parametrize("text", ["@alice", "@allison", "@here-we-go", "all here"])
def test_people_may_be_mentioned(text: str) -> None:
    assert markup.to_rocketchat(text) == text


@given(st.text(alphabet="ab1 *_~`#>-[]()!|\\\n@.&;:", max_size=120))
@settings(max_examples=400, deadline=None)
def test_no_word_is_lost(text: str) -> None:
    letters = re.findall(r"[ab]", text)
    shown = markup.to_rocketchat(text)
    assert re.findall(r"[ab]", shown) == letters


@pytest.mark.parametrize(
    ("glyph", "name"),
    [
        ("👍", "thumbsup"),
        ("👀", "eyes"),
        ("🎉", "tada"),
        ("❤️", "heart"),
        ("❤", "heart"),
        ("👍🏽", "thumbsup_tone3"),
        ("🇩🇪", "flag_de"),
        ("✅", "white_check_mark"),
        ("x", None),
        ("no such", None),
    ],
)
def test_names_of_glyphs(glyph: str, name: str | None) -> None:
    assert glyph_name(glyph) == name


@pytest.mark.parametrize(
    ("markdown", "rendered"),
    [
        ("**bold** *italic* ~~gone~~ `code`", "**bold** _italic_ ~~gone~~ `code`"),
        ("[text](https://example.com/a)", "[text](https://example.com/a)"),
        ("```python\nx = *1*\n```", "```python\nx = *1*\n```"),
        (TABLE, "```\nname | n\n-----+---\na    | 1\nbcd  | 22\n```"),
        ("- one\n- two", "- one\n- two"),
        (" ", ""),
    ],
)
def test_markdown_for_pachca(markdown: str, rendered: str) -> None:
    assert markup.to_pachca(markdown) == rendered


@pytest.mark.parametrize("text", ["@all", "hey @here!", "`@all`", "<@12>", "**<@12>**"])
def test_nobody_is_called_on_pachca(text: str) -> None:
    rendered = markup.to_pachca(text)
    assert re.search(r"@(all|here|\d)", rendered) is None
    assert "@" in rendered
