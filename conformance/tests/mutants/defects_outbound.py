"""Defects in where an answer goes, in how many parts, and what is left of its text."""

from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from mutants.mutant import Function, Mutant, always, mutant

THREADS = "tolmach.channel.threads"
CHUNKING = "tolmach.channel.chunking"
PIECES = "\x1e"

_tagged: ContextVar[bool] = ContextVar("_tagged", default=False)


def _obeys(original: Function) -> Function:
    async def _deliver(self: Any, said: Any, session: Any, job: Any) -> None:
        from tolmach.channel.threads import Placement

        if "[[to:" not in said.text:
            await original(self, said, session, job)
            return
        elsewhere = await self._platform.open_direct(job.run.message.sender.id)
        await self._delivery.send(said.text, Placement(elsewhere), job.rules.settings)

    return _deliver


def _first_only(original: Function) -> Function:
    def address(self: Any, part: int) -> Any:
        found = original(self, part)
        return replace(found, thread_id=None) if part else found

    return address


def _mode(wrong: str, right: str) -> Function:
    def wrap(original: Function) -> Function:
        def placement(mode: str, *others: Any, **more: Any) -> Any:
            return original(wrong if mode == right else mode, *others, **more)

        return placement

    return wrap


def _exact_tags(original: Function) -> Function:
    def extract(text: str) -> Any:
        from tolmach.channel.replytags import Tagged

        return Tagged(text) if "[[ " in text else original(text)

    return extract


def _tags_in_code(original: Function) -> Function:
    def extract(text: str) -> Any:
        found = original(text)
        return replace(found, text=found.text.replace("[[reply_to_current]]", ""))

    return extract


def _notes_tag(original: Function) -> Function:
    def extract(text: str) -> Any:
        found = original(text)
        _tagged.set(found.current)
        return found

    return extract


def _tag_wins(original: Function) -> Function:
    def placement(mode: str, conversation: Any, message_id: str, *, tagged: Any = None) -> Any:
        found = original(mode, conversation, message_id, tagged=tagged)
        return replace(found, thread_id=message_id) if _tagged.get() and not found.thread_id else found

    return placement


def _something(original: Function) -> Function:
    def extract(text: str) -> Any:
        found = original(text)
        return found if found.text.strip() else replace(found, text="(no text)")

    return extract


def _loses_a_word(original: Function) -> Function:
    def split(text: str, *others: Any) -> Any:
        parts = original(text, *others)
        return [*parts[:1], *(part.partition(" ")[2] or part for part in parts[1:2]), *parts[2:]]

    return split


def _unlimited(original: Function) -> Function:
    def split(text: str, limits: Any, *others: Any) -> Any:
        return original(text, replace(limits, wanted=limits.hard + 500, hard=limits.hard + 500), *others)

    return split


def _piece_by_piece(original: Function) -> Function:
    async def answer(self: Any, turn: Any) -> Any:
        from tolmach.channel.turn import Text

        seen = False
        async for chunk in original(self, turn):
            if isinstance(chunk, Text) and seen:
                chunk = Text(PIECES + chunk.text)  # noqa: PLW2901 - the piece with its seam
            seen = seen or isinstance(chunk, Text)
            yield chunk

    return answer


def _splits_at_seams(original: Function) -> Function:
    def split(text: str, *others: Any) -> Any:
        return [part for piece in text.split(PIECES) for part in original(piece, *others)]

    return split


def _edits_afterwards(original: Function) -> Function:
    async def send(self: Any, markdown: str, place: Any, settings: Any, rows: Any = ()) -> Any:
        from tolmach.channel.model import Address

        delivered = await original(self, markdown, place, settings, rows)
        if markdown.startswith("one "):
            for identifier, text in zip(delivered.receipt.message_ids, delivered.texts, strict=True):
                await self._platform.edit(Address(place.room_id), identifier, text + ".")
        return delivered

    return send


def _only_harmless(_original: Function) -> Function:
    def to_rocketchat(markdown: str) -> str:
        from tolmach.adapters import markup

        return markup.harmless(markdown)

    return to_rocketchat


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "obeys-the-answer",
        "an answer that names another place goes there",
        ("tolmach.channel.turns:Turns._deliver", _obeys),
        rows=[140],
    ),
    mutant(
        "first-part-threaded",
        "only the first part of an answer is in the thread",
        (f"{THREADS}:Placement.address", _first_only),
        rows=[141, 144],
    ),
    mutant(
        "first-is-all",
        "replyToMode: first is all",
        (f"{THREADS}:placement", _mode("all", "first")),
        rows=[143],
    ),
    mutant(
        "all-is-first",
        "replyToMode: all is first",
        (f"{THREADS}:placement", _mode("first", "all")),
        rows=[144],
    ),
    mutant(
        "tags-exact",
        "a reply tag with blanks is posted",
        ("tolmach.channel.replytags:extract", _exact_tags),
        rows=[147],
    ),
    mutant(
        "tags-in-code",
        "a reply tag in code is taken out",
        ("tolmach.channel.replytags:extract", _tags_in_code),
        rows=[147],
    ),
    mutant(
        "tag-wins",
        "a reply tag opens a thread where threading is off",
        (f"{THREADS}:placement", _tag_wins),
        ("tolmach.channel.replytags:extract", _notes_tag),
        rows=[148],
    ),
    mutant(
        "empty-posted",
        "an empty answer is posted in other words",
        ("tolmach.channel.replytags:extract", _something),
        rows=[150],
    ),
    mutant(
        "word-lost",
        "a split swallows a word",
        (f"{CHUNKING}:split", _loses_a_word),
        rows=[151, 152],
    ),
    mutant(
        "too-long",
        "a part is longer than the platform takes",
        (f"{CHUNKING}:split", _unlimited),
        rows=[141, 143, 144, 151, 152, 154],
        why="every row with an answer in parts counts them",
    ),
    mutant("fence-open", "a split leaves a fence open", (f"{CHUNKING}:open_fence", always(None)), rows=[152]),
    mutant(
        "character-torn",
        "a split tears a character",
        (f"{CHUNKING}:_grapheme", lambda _original: lambda _text, end: end),
        rows=[154],
    ),
    mutant(
        "markdown-as-is",
        "Markdown goes out as the agent wrote it",
        ("tolmach.adapters.markup:to_rocketchat", _only_harmless),
        rows=[155],
    ),
    mutant(
        "everybody-called",
        "the agent can call everybody",
        ("tolmach.adapters.markup:harmless", lambda _original: lambda text: text),
        rows=[156],
    ),
    mutant(
        "thoughts-posted",
        "reasoning is posted",
        ("tolmach.channel.sanitize:clean", lambda _original: lambda text: text),
        rows=[157],
    ),
    mutant(
        "silence-spelled",
        "the word for silence counts in capitals only",
        ("tolmach.channel.sanitize:is_silent", lambda _original: lambda text: text.strip() == "NO_REPLY"),
        rows=[158],
    ),
    mutant(
        "pieces-posted",
        "every piece of a stream is a post",
        ("tolmach.gateway.dispatch:HttpAgent.answer", _piece_by_piece),
        (f"{CHUNKING}:split", _splits_at_seams),
        rows=[190],
    ),
    mutant(
        "edited-afterwards",
        "an answer is edited after it was posted",
        ("tolmach.channel.delivery:Delivery.send", _edits_afterwards),
        rows=[190],
    ),
)
