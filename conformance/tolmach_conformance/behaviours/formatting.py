"""Formatting rows: what becomes of the agent's text on its way out (catalogue section 5, second half).

What it must not do: name a platform, or wait by the clock.
"""

from collections.abc import Sequence

from tolmach_conformance.agent import tool_call
from tolmach_conformance.behaviour import MUST, SHOULD, behaviour, listed
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect

SHORT_PARTS = {"textChunkLimit": 600}


@behaviour(152, "out.chunk.code-fence", SHOULD, settings=SHORT_PARTS)
async def a_split_keeps_code_in_fences(stage: Stage) -> None:
    """Each part of a long code block opens and closes its fence, the first with the language."""
    code = "\n".join(f"print({number})  # line {number} of a long listing" for number in range(40))
    said = await stage.alice.dm("code, please", agent=f"```python\n{code}\n```")
    parts = await stage.answers_to(said, 3)
    for part in parts:
        expect(part.text.count("```") % 2 == 0, "a part leaves a fence open")
        expect(
            part.text.lstrip().startswith("```python"), "a part does not reopen the fence with its language"
        )


@behaviour(154, "out.chunk.unicode", SHOULD, settings={"textChunkLimit": 100})
async def a_split_keeps_characters_whole(stage: Stage) -> None:
    """No part ends inside a character, however many code units it takes."""
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
    text = family * 60
    said = await stage.alice.dm("families, please", agent=text)
    parts: Sequence[str] = [post.text for post in await stage.answers_to(said, 3)]
    for part in parts:
        expect(part.replace(family, "").strip() == "", "a character was broken by a split")


@behaviour(155, "out.format.markdown", MUST)
async def markdown_arrives_in_the_platforms_dialect(stage: Stage) -> None:
    """Emphasis, strong text, code and links of the agent mean the same to the platform."""
    answer = "**strong** *emphasis* ~~gone~~ `code` [text](https://example.com/a)"
    post = await stage.answer_to(await stage.alice.dm("format it", agent=answer))
    expect("_emphasis_" in post.text, f"emphasis did not survive in {post.text!r}")
    expect("*strong*" in post.text, f"strong text did not survive in {post.text!r}")
    expect(
        "~gone~" in post.text and "`code`" in post.text, f"strike or code did not survive in {post.text!r}"
    )
    expect(
        "https://example.com/a" in post.text and "text" in post.text,
        f"the link did not survive in {post.text!r}",
    )


@behaviour(156, "out.format.escape", MUST)
async def the_agent_cannot_call_everybody(stage: Stage) -> None:
    """``@all`` and ``@here`` written by the agent are shown, but address nobody."""
    room = await stage.room()
    said = await stage.alice.say(
        room, f"{stage.bot.mention} wake them", agent="@all and @here: wake up & <b>now</b>"
    )
    post = await stage.answer_to(said)
    mentioned = (await stage.stored(post)).get("mentions")
    names = (
        [str(one.get("username")) for one in mentioned if isinstance(one, dict)]
        if isinstance(mentioned, list)
        else []
    )
    expect(not {"all", "here"} & set(names), "the answer calls everybody in the room")
    expect("wake up" in post.text, "the text around the token was lost")


@behaviour(157, "out.format.internal-text-stripped", MUST)
async def internal_text_is_not_posted(stage: Stage) -> None:
    """Reasoning blocks in the answer, and tool calls beside it, never reach the platform."""
    answer = "<think>they must not see this</think>what they may see"
    post = await stage.answer_to(await stage.alice.dm("think", agent=[answer]))
    expect(post.text.strip() == "what they may see", f"posted was {post.text!r}")
    said = await stage.alice.dm(
        "use a tool nobody has", agent=[tool_call("no_such_tool", inner="hidden"), "done"]
    )
    post = await stage.answer_to(said)
    expect("no_such_tool" not in post.text and "hidden" not in post.text, "a tool call was posted")


@behaviour(158, "out.silent-token", MUST, rooms={"room": listed(requireMention=False)})
async def the_word_for_silence_is_not_posted(stage: Stage) -> None:
    """NO_REPLY, whatever its letter case, is never posted; in a room that asks for nothing, nothing is."""
    room = await stage.room()
    said = await stage.alice.say(room, "to nobody in particular", agent="no_reply")
    await stage.agent.answered(await stage.turn_for(said))
    await stage.answer_to(await stage.alice.say(room, "and to you"))
    expect(len(stage.posts(room)) == 1, "something was posted for the word for silence")
    direct = await stage.reply_to(await stage.alice.dm("to you alone", agent="NO_REPLY"))
    expect("no_reply" not in direct.text.casefold(), "the word for silence was posted")
