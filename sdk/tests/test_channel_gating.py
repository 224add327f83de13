"""When a message addresses the bot."""

from dataclasses import replace

import pytest
from channel_words import ALICE, AT_ALL, AT_BOB, AT_BOT, BOB, BOT, dm, message, room, rules

from tolmach.channel import gating
from tolmach.channel.model import Identity, Mention, MentionKind

GATED: dict[str, object] = {"groups": {"ROOM1": {}}}
OPEN: dict[str, object] = {"groups": {"ROOM1": {"requireMention": False}}}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@bot hi", True),
        ("hi @BOT", True),
        ("dear @bot, hi", True),
        ("(@bot)", True),
        ("@bot.", True),
        ("@bot!", True),
        ("@botanist hi", False),
        ("@bot-two hi", False),
        ("@bot_2", False),
        ("@bot.two hi", False),
        ("someone@bot is an address", False),
        ("x.@bot", False),
        ("@@bot", False),
        ("`@bot` in code", False),
        ("```\n@bot\n```", False),
        ("> @bot in a quote", True),
        ("@all @here @channel", False),
        ("bot", False),
    ],
)
def test_the_name_counts_as_a_whole_word_outside_code(text: str, found: bool) -> None:
    assert gating.token_in_text(text, "bot") is found


def test_a_name_with_dots_is_matched_literally() -> None:
    assert gating.token_in_text("@tolmach.bot hi", "tolmach.bot")
    assert not gating.token_in_text("@tolmachxbot hi", "tolmach.bot")


def test_a_mention_of_the_bot_by_id_is_explicit() -> None:
    renamed = replace(message("hey @elsewise"), mentions=(Mention("uBot", "elsewise"),))
    assert gating.gate(renamed, BOT, rules(**GATED), participates=False).source == gating.EXPLICIT


@pytest.mark.parametrize(
    "mentions",
    [
        (AT_ALL,),
        (AT_BOB,),
        (Mention("uBot", "bot", "", MentionKind.TEAM),),
        (Mention("uX", "bot"),),
    ],
)
def test_everybody_somebody_else_and_teams_are_not_the_bot(mentions: tuple[Mention, ...]) -> None:
    found = gating.gate(message("hey you", mentions=mentions), BOT, rules(**GATED), participates=False)
    assert found.reason == "missing-mention"
    assert not found.mentioned


def test_the_text_is_only_read_where_the_platform_names_no_person() -> None:
    impostor = replace(message("hey @bot"), mentions=(Mention("uX", "bot"),))
    assert not gating.explicit_mention(impostor, BOT)
    assert gating.explicit_mention(replace(impostor, mentions=()), BOT)
    assert gating.explicit_mention(replace(impostor, mentions=(AT_ALL,)), BOT)


def test_patterns_address_the_bot_letter_case_aside() -> None:
    found = gating.gate(
        message("hey CLAW"), BOT, rules(**GATED, mentionPatterns=[r"\bclaw\b"]), participates=False
    )
    assert found.source == gating.PATTERN
    assert found.reason is None
    missed = gating.gate(
        message("clawback"), BOT, rules(**GATED, mentionPatterns=[r"\bclaw\b"]), participates=False
    )
    assert missed.reason == "missing-mention"


def test_a_trigger_prefix_addresses_the_bot_in_its_mode_only() -> None:
    assert gating.gate(
        message("> what?"), BOT, rules(**GATED, chatmode="onchar"), participates=False
    ).source == (gating.PREFIX)
    assert gating.gate(message("> what?"), BOT, rules(**GATED), participates=False).reason


@pytest.mark.parametrize(
    ("participates", "root_author", "off", "source"),
    [
        (True, None, {}, gating.PARTICIPATION),
        (False, "uBot", {}, gating.REPLY_TO_BOT),
        (False, "uBob", {}, gating.NONE),
        (False, "", {}, gating.NONE),
        (True, None, {"threadParticipation": False}, gating.NONE),
        (False, "uBot", {"replyToBot": False}, gating.NONE),
        (True, "uBot", {"threadParticipation": False}, gating.REPLY_TO_BOT),
    ],
)
def test_threads_imply_a_mention(
    participates: bool, root_author: str | None, off: dict[str, bool], source: str
) -> None:
    reply = message("and then?", at=room(thread="root1"), root_author=root_author)
    found = gating.gate(reply, BOT, rules(**GATED, implicitMentions=off), participates=participates)
    assert found.source == source
    assert not found.explicit


def test_a_quote_of_the_bot_implies_a_mention() -> None:
    quote = replace(message("I disagree"), quoted_author_id="uBot")
    assert gating.gate(quote, BOT, rules(**GATED), participates=False).source == gating.QUOTED_BOT
    off = rules(**GATED, implicitMentions={"quotedBot": False})
    assert gating.gate(quote, BOT, off, participates=False).reason == "missing-mention"


@pytest.mark.parametrize("who", [None, Identity("uBot", "bot", "x", is_bot=False)])
def test_an_unknown_identity_closes_the_gate(who: Identity | None) -> None:
    mentioned = message("@bot hi")
    assert (
        gating.gate(mentioned, who, rules(**GATED), participates=True).reason
        == "mention-detection-unavailable"
    )
    with_pattern = rules(**GATED, mentionPatterns=["claw"])
    assert gating.gate(message("claw"), who, with_pattern, participates=False).reason is None
    assert gating.gate(mentioned, who, with_pattern, participates=False).reason == "missing-mention"
    assert gating.gate(message("hi"), who, rules(**OPEN), participates=False).reason is None


def test_direct_chats_have_no_gate() -> None:
    assert (
        gating.gate(message("hi", at=dm()), None, rules(requireMention=True), participates=False).reason
        is None
    )


def test_mentions_of_others_can_be_left_alone() -> None:
    keys = {"groups": {"ROOM1": {"requireMention": False, "ignoreOtherMentions": True}}}
    for_bob = message("@bob look", mentions=(AT_BOB,))
    assert gating.gate(for_bob, BOT, rules(**keys), participates=False).reason == "other-mention"
    assert gating.gate(for_bob, None, rules(**keys), participates=False).reason is None
    both = message("@bob and @bot look", mentions=(AT_BOB, AT_BOT))
    assert gating.gate(both, BOT, rules(**keys), participates=False).reason is None
    assert (
        gating.gate(message("@all look", mentions=(AT_ALL,)), BOT, rules(**keys), participates=False).reason
        is None
    )
    assert gating.gate(for_bob, BOT, rules(**OPEN), participates=False).reason is None
    in_dm = message("@bob look", mentions=(AT_BOB,), at=dm())
    assert gating.gate(in_dm, BOT, rules(ignoreOtherMentions=True), participates=False).reason is None


def test_the_roots_author_is_asked_for_only_where_it_decides() -> None:
    reply = message("and?", at=room(thread="root1"))
    assert gating.needs_root_author(reply, BOT, rules(**GATED))
    assert not gating.needs_root_author(replace(reply, root_author_id=""), BOT, rules(**GATED))
    assert not gating.needs_root_author(message("and?"), BOT, rules(**GATED))
    assert not gating.needs_root_author(reply, BOT, rules(**OPEN))
    assert not gating.needs_root_author(reply, None, rules(**GATED))
    assert not gating.needs_root_author(reply, BOT, rules(**GATED, implicitMentions={"replyToBot": False}))


def test_sender_names_do_not_matter_here() -> None:
    for sender in (ALICE, BOB):
        assert gating.gate(message("@bot hi", by=sender), BOT, rules(**GATED), participates=False).explicit
